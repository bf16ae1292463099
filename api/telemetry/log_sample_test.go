package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/api/telemetry/telemetrytest"
)

// flood writes lines at times that the test chooses: a record says itself when it was made.
type flood struct {
	handler slog.Handler
	metrics *telemetry.Metrics
	out     bytes.Buffer
}

func newFlood() *flood {
	f := &flood{metrics: telemetry.NewMetrics(telemetry.Build{})}
	f.handler = telemetry.Sampled(telemetry.NewLogger(&f.out, telemetry.JSON, slog.LevelDebug).Handler(), f.metrics)
	return f
}

func (f *flood) write(t require.TestingT, at time.Time, level slog.Level, message string, attrs ...slog.Attr) {
	record := slog.NewRecord(at, level, message, 0)
	record.AddAttrs(attrs...)
	require.NoError(t, f.handler.Handle(context.Background(), record))
}

type line struct {
	Msg        string
	Level      string
	Route      string
	Status     int
	SampledOut int `json:"sampled_out"`
}

// lines are those that were written since the last call.
func (f *flood) lines(t require.TestingT) []line {
	var lines []line
	for text := range strings.Lines(f.out.String()) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		lines = append(lines, l)
	}
	f.out.Reset()
	return lines
}

func (f *flood) dropped(t testing.TB) int {
	t.Helper()
	return int(telemetrytest.Read(t, f.metrics.Gatherer(), "falafel_log_")["falafel_log_lines_dropped_total"])
}

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func request(route string, status int) []slog.Attr {
	return []slog.Attr{slog.String("method", "GET"), slog.String("route", route), slog.Int("status", status)}
}

func TestAFloodIsSampledAndSaysHowMuchIsLeftOut(t *testing.T) {
	t.Parallel()
	f := newFlood()
	for range 1000 {
		f.write(t, noon, slog.LevelInfo, "request", request("/a", 200)...)
	}
	lines := f.lines(t)
	require.Len(t, lines, 208, "the first 200, and one in a hundred of the other 800")
	for i, l := range lines {
		want := 0
		if i >= 200 {
			want = 99
		}
		assert.Equal(t, want, l.SampledOut, i)
	}
	assert.Equal(t, 792, f.dropped(t))

	// The next second begins anew. Of what was left out at the end of the last one, its
	// first line tells.
	for range 250 {
		f.write(t, noon, slog.LevelInfo, "request", request("/a", 200)...)
	}
	f.lines(t)
	f.write(t, noon.Add(time.Second), slog.LevelInfo, "request", request("/a", 200)...)
	f.write(t, noon.Add(time.Second), slog.LevelInfo, "request", request("/a", 200)...)
	lines = f.lines(t)
	require.Len(t, lines, 2)
	assert.Equal(t, 50, lines[0].SampledOut)
	assert.Zero(t, lines[1].SampledOut)
}

func TestOneLineASecondIsNeverLeftOutInAFloodOfOthers(t *testing.T) {
	t.Parallel()
	f := newFlood()
	for second := range 3 {
		at := noon.Add(time.Duration(second) * time.Second)
		for i := range 5000 {
			f.write(t, at, slog.LevelInfo, "request", request("/a", 200)...)
			f.write(t, at, slog.LevelError, "database unavailable")
			f.write(t, at, slog.LevelWarn, fmt.Sprintf("http: TLS handshake error from 10.0.0.1:%d: EOF", i))
		}
		f.write(t, at, slog.LevelInfo, "request", request("/a", 500)...)
		f.write(t, at, slog.LevelInfo, "request", request("/b", 200)...)
		f.write(t, at, slog.LevelError, "panic")
		f.write(t, at, slog.LevelError, "request", request("/a", 200)...)
	}
	rare := map[string]int{}
	for _, l := range f.lines(t) {
		rare[fmt.Sprint(l.Level, " ", l.Msg, " ", l.Route, " ", l.Status)]++
	}
	for _, kind := range []string{"INFO request /a 500", "INFO request /b 200", "ERROR panic  0", "ERROR request /a 200"} {
		assert.Equal(t, 3, rare[kind], kind)
	}
	assert.Less(t, rare["INFO request /a 200"], 3*260)
	assert.Less(t, rare["ERROR database unavailable  0"], 3*260)
}

func TestNothingIsLeftOutOfAQuietLog(t *testing.T) {
	t.Parallel()
	f := newFlood()
	for i := range 10_000 {
		f.write(t, noon.Add(time.Duration(i)*5*time.Millisecond), slog.LevelInfo, "request", request("/a", 200)...)
	}
	assert.Len(t, f.lines(t), 10_000)
	assert.Zero(t, f.dropped(t))
}

func TestAClockThatIsSetBackHoldsNothingUp(t *testing.T) {
	t.Parallel()
	f := newFlood()
	for range 1000 {
		f.write(t, noon, slog.LevelInfo, "m")
	}
	f.lines(t)
	f.write(t, noon.Add(-time.Hour), slog.LevelInfo, "m")
	assert.Len(t, f.lines(t), 1)
	for range 300 { // overtaken lines of the second before are of this one
		f.write(t, noon.Add(-time.Hour), slog.LevelInfo, "m")
		f.write(t, noon.Add(-time.Hour-time.Second), slog.LevelInfo, "m")
	}
	assert.Len(t, f.lines(t), 199+4)
}

// Whatever is said, each line is written or told of by a later one of its kind, or counted
// as left out at the end; and the log is never silent about a kind.
func TestLinesAreWrittenOrCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		f := newFlood()
		said := map[string]int{}
		at := noon
		for range rapid.IntRange(1, 6).Draw(r, "bursts") {
			at = at.Add(time.Duration(rapid.IntRange(0, 2500).Draw(r, "pause")) * time.Millisecond)
			message := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "message")
			level := rapid.SampledFrom([]slog.Level{slog.LevelInfo, slog.LevelError}).Draw(r, "level")
			for range rapid.IntRange(1, 700).Draw(r, "lines") {
				f.write(r, at, level, message)
				said[level.String()+message]++
			}
		}
		told := map[string]int{}
		total := 0
		for _, l := range f.lines(r) {
			told[l.Level+l.Msg] += 1 + l.SampledOut
			total++
		}
		all := 0
		for kind, n := range said {
			all += n
			require.LessOrEqual(r, told[kind], n)
			require.Less(r, n-told[kind], 500, "at most what was left out since the last line")
			require.Positive(r, told[kind])
		}
		require.Equal(r, all, total+f.dropped(t))
	})
}

// What is remembered of a second is bounded: kinds beyond some five hundred count as one.
func TestLinesThatAreAllDifferentAreAFloodAsWell(t *testing.T) {
	t.Parallel()
	f := newFlood()
	for i := range 10_000 {
		f.write(t, noon, slog.LevelWarn, fmt.Sprintf("http: TLS handshake error from 10.0.0.1:%d: EOF", i))
	}
	assert.Len(t, f.lines(t), 512+200+92)
	f.write(t, noon, slog.LevelError, "panic")
	assert.Len(t, f.lines(t), 1, "another level is another matter")
}

func TestTheSamplerTakesLinesFromManyGoroutines(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 2000
	metrics := telemetry.NewMetrics(telemetry.Build{})
	var out lockedBuffer
	logger := slog.New(telemetry.Sampled(telemetry.NewLogger(&out, telemetry.JSON, slog.LevelInfo).Handler(), metrics)).With("a", 1).WithGroup("g")
	var writing sync.WaitGroup
	for range workers {
		writing.Go(func() {
			for range each {
				logger.Info("request", "route", "/a")
			}
		})
	}
	writing.Wait()
	dropped := telemetrytest.Read(t, metrics.Gatherer(), "falafel_log_")["falafel_log_lines_dropped_total"]
	assert.InDelta(t, workers*each, float64(strings.Count(out.String(), "\n"))+dropped, 0)
	assert.Positive(t, dropped)
}

type lockedBuffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}
