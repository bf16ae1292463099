package console_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

// listener reads events as a browser does.
type listener struct {
	lines chan string
	stop  context.CancelFunc
}

func listen(t *testing.T, url string, headers ...string) *listener {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/events", http.NoBody)
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request) //nolint:bodyclose // closed below, when the stream ends
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	l := &listener{lines: make(chan string, 1<<16), stop: stop}
	go func() {
		defer close(l.lines)
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			l.lines <- lines.Text()
		}
	}()
	return l
}

// until returns what came, up to a line with the text.
func (l *listener) until(t *testing.T, text string) string {
	t.Helper()
	var all strings.Builder
	for {
		select {
		case line, open := <-l.lines:
			require.True(t, open, "the stream ended before %q:\n%s", text, all.String())
			all.WriteString(line + "\n")
			if strings.Contains(line, text) {
				return all.String()
			}
		case <-time.After(patience):
			t.Fatalf("%q does not come:\n%s", text, all.String())
		}
	}
}

func TestEventsComeAsTheyHappen(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	url := c.run(t)
	front := c.front(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Request-Id", "an-id") })
	events := listen(t, url)
	events.until(t, `{"sequence":0}`)
	do(t, http.MethodGet, front+"/v1/x", "")
	assert.Contains(t, events.until(t, `"path":"/v1/x"`), "event: request\n")
	fmt.Fprintln(c.LogWriter("api"), "time=2026-11-30T20:57:31.085Z level=INFO msg=request route=/v1/{x} request_id=an-id")
	told := events.until(t, `"route":"/v1/{x}","status"`)
	assert.Contains(t, told, "event: log\n")
	assert.Contains(t, told, "event: request\n", "it has learned its route")
	c.SetBuild(console.Build{State: "failed"})
	assert.Contains(t, events.until(t, `"state":"failed"`), "event: build\n")
	c.SetService(console.Service{Name: "api", State: console.Healthy})
	assert.Contains(t, events.until(t, `"name":"api"`), "event: state\n")
	assert.Contains(t, events.until(t, `"requests":1`), "event: tick\n", "without another request")
}

func TestWhoComesBackGetsWhatWasMissed(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	log := c.LogWriter("api")
	for i := range 5 {
		fmt.Fprintf(log, "line %d\n", i+1)
	}
	again := listen(t, c.url, "Last-Event-ID", "3").until(t, "line 5")
	assert.NotContains(t, again, "line 3")
	assert.Contains(t, again, "line 4")
	assert.NotContains(t, again, "event: gap")

	for i := range 5000 {
		fmt.Fprintf(log, "more %d\n", i)
	}
	for _, last := range []string{"3", "99999999", "nonsense"} {
		stream := listen(t, c.url, "Last-Event-ID", last)
		assert.NotContains(t, stream.until(t, "event: gap"), "more", last)
		fmt.Fprintln(log, "after "+last)
		stream.until(t, "after "+last)
	}
}

// A reader that does not read holds nobody up, and learns that it has missed something.
func TestASlowReaderBlocksNobody(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/api/events", http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	log := c.LogWriter("api")
	filler := strings.Repeat("x", 4000)
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range 10_000 { // more than all the buffers between
			fmt.Fprintln(log, filler)
		}
	}()
	select {
	case <-written:
	case <-time.After(patience):
		t.Fatal("it blocks")
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	go func() {
		// Once there is room again, the next event tells of the gap.
		for t.Context().Err() == nil {
			fmt.Fprintln(log, "one more")
			time.Sleep(time.Millisecond)
		}
	}()
	for lines.Scan() {
		if lines.Text() == "event: gap" {
			return
		}
	}
	t.Fatal("the reader is not told: ", lines.Err())
}

func TestTheConsoleStopsWhileSomebodyListens(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	ctx, stop := context.WithCancel(t.Context())
	at, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, at) }()
	url := "http://" + at.Addr().String()
	listen(t, url).until(t, "sequence")
	stop()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		t.Fatal("it waits for a reader")
	}
	_, err = http.Get(url) //nolint:bodyclose // there is none
	require.Error(t, err)
}
