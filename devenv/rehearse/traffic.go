package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// A client of the public address that asks all the time, to see whether a rollout is
// noticed.
type traffic struct {
	end  context.CancelFunc
	done sync.WaitGroup

	answered int
	failed   []string
}

// send starts to GET url, one request after the other.
func send(ctx context.Context, url string) *traffic {
	ctx, end := context.WithCancel(ctx)
	t := &traffic{end: end}
	client := &http.Client{Timeout: 10 * time.Second}
	t.done.Go(func() {
		for pause(ctx, 20*time.Millisecond) == nil {
			// Not with ctx: the last one is to be answered, too.
			err := get(context.WithoutCancel(ctx), client, url, http.StatusOK)
			t.answered++
			if err != nil {
				t.failed = append(t.failed, err.Error())
			}
		}
	})
	return t
}

// stop returns how many requests were answered, and an error when one failed.
func (t *traffic) stop() (int, error) {
	t.end()
	t.done.Wait()
	if len(t.failed) > 0 {
		return t.answered, fmt.Errorf("%d of %d requests failed meanwhile, the first: %s", len(t.failed), t.answered, t.failed[0])
	}
	if t.answered == 0 {
		return 0, errors.New("no request was sent meanwhile")
	}
	return t.answered, nil
}

func get(ctx context.Context, client *http.Client, url string, status int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != status {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
