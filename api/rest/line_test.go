package rest_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// A state of a line between the service and its database.
type state int

const (
	sound  state = iota
	cut          // connections break, and new ones are closed at once
	silent       // connections stand, and nothing comes through
	oneWay       // requests arrive, and the connection breaks before the answer
	frail        // what comes, from either side, is lost now and then with its connection
)

// A line is a TCP proxy in front of a database that can be out of order.
type line struct {
	url      string
	target   string
	listener net.Listener

	mu      sync.Mutex
	state   state
	answers int // so many, and then one is lost; 0: none is
	ends    map[net.Conn]bool
}

func newLine(t testing.TB, endpoint string) *line {
	t.Helper()
	target, err := url.Parse(endpoint)
	require.NoError(t, err)
	if target.Scheme != "http" {
		t.Skip("a line can be put in front of a plain http endpoint only")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &line{url: "http://" + listener.Addr().String(), target: target.Host, listener: listener, ends: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() { l.accept(&running) })
	t.Cleanup(func() {
		_ = listener.Close()
		l.become(cut)
		running.Wait()
	})
	return l
}

// become changes the state, for the connections that stand as well.
func (l *line) become(s state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
	if s == cut {
		for end := range l.ends {
			_ = end.Close()
		}
	}
}

// loseAnswer breaks the connection in place of the nth answer from now.
func (l *line) loseAnswer(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = n
}

func (l *line) accept(running *sync.WaitGroup) {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		if l.is() == cut {
			_ = near.Close()
			continue
		}
		far, err := net.Dial("tcp", l.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		l.keep(near, far)
		running.Go(func() { l.carry(far, near, false) })
		running.Go(func() { l.carry(near, far, true) })
	}
}

func (l *line) is() state {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// keep notes both ends of a connection, so that they can be cut.
func (l *line) keep(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range ends {
		l.ends[end] = true
		if l.state == cut {
			_ = end.Close()
		}
	}
}

// breaks reports whether what comes is lost with its connection.
func (l *line) breaks(isAnswer bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if isAnswer && l.answers > 0 {
		if l.answers--; l.answers == 0 {
			return true
		}
	}
	switch l.state {
	case cut:
		return true
	case oneWay:
		return isAnswer
	case frail:
		return rand.IntN(4) == 0
	default:
		return false
	}
}

func (l *line) carry(to, from net.Conn, isAnswer bool) {
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		_, _ = to.Close(), from.Close()
		delete(l.ends, to)
		delete(l.ends, from)
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || l.breaks(isAnswer) {
			return
		}
		if l.is() == silent {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

type dynamodbItem = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyOf(pk, sk string) dynamodbItem { return dynamodbItem{"pk": text(pk), "sk": text(sk)} }

// fill writes items past the service: thousands would take it too long.
func (s *service) fill(t testing.TB, items []dynamodbItem) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(4)
	for len(items) > 0 {
		batch := items[:min(25, len(items))]
		items = items[len(batch):]
		group.Go(func() error { return s.fillBatch(ctx, batch) })
	}
	require.NoError(t, group.Wait())
}

func (s *service) fillBatch(ctx context.Context, batch []dynamodbItem) error {
	writes := make([]types.WriteRequest, len(batch))
	for i, item := range batch {
		writes[i].PutRequest = &types.PutRequest{Item: item}
	}
	rest := map[string][]types.WriteRequest{s.table: writes}
	for len(rest) > 0 {
		out, err := s.database.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: rest})
		if err != nil {
			return err
		}
		rest = out.UnprocessedItems
	}
	return nil
}
