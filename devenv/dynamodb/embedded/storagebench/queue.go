package main

// A queue gives a store with a single writer what the engine has for it: writes that come
// while another is committed are committed together.
type queue struct {
	requests chan request
	stopped  chan struct{}
}

type request struct {
	pairs []pair
	done  chan error
}

const maxGroup = 256

// newQueue starts a writer; commit writes a group.
func newQueue(commit func([]request) error) *queue {
	q := &queue{requests: make(chan request, maxGroup), stopped: make(chan struct{})}
	go func() {
		defer close(q.stopped)
		for first := range q.requests {
			group := []request{first}
			for len(group) < maxGroup && len(q.requests) > 0 {
				group = append(group, <-q.requests)
			}
			err := commit(group)
			for _, r := range group {
				r.done <- err
			}
		}
	}()
	return q
}

func (q *queue) write(pairs []pair) error {
	r := request{pairs, make(chan error, 1)}
	q.requests <- r
	return <-r.done
}

func (q *queue) close() {
	close(q.requests)
	<-q.stopped
}
