package telemetry_test

import (
	"context"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/api/telemetry/otlptest"
)

func one(t *testing.T, tracing *telemetry.Tracing) {
	t.Helper()
	serve(tracing, httptest.NewRequest(http.MethodGet, "/", http.NoBody), answered(http.StatusOK))
}

func TestWhereAndHowSpansAreSent(t *testing.T) {
	for name, test := range map[string]struct {
		variables func(base string) map[string]string
		path      string
		header    map[string]string
	}{
		"the base gets a path": {
			func(base string) map[string]string { return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": base} },
			"/v1/traces",
			map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "", "User-Agent": "falafel-api/1.2.3"},
		},
		"a base with a path keeps it": {
			func(base string) map[string]string {
				return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": base + "/otel/"}
			}, "/otel/v1/traces", nil,
		},
		"that of traces is taken as it is": {
			func(base string) map[string]string {
				return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": base + "/here"}
			}, "/here", nil,
		},
		"… with the root, where it has no path": {
			func(base string) map[string]string {
				return map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": base}
			}, "/", nil,
		},
		"packed": {
			func(base string) map[string]string {
				return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": base, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
			}, "/v1/traces", map[string]string{"Content-Encoding": "gzip"},
		},
		"with headers": {
			func(base string) map[string]string {
				return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": base, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20a=b, x-team = falafel ,user-agent=mine"}
			}, "/v1/traces", map[string]string{"Authorization": "Bearer a=b", "X-Team": "falafel", "User-Agent": "mine"},
		},
		"what is for traces goes before what is for all": {
			func(base string) map[string]string {
				return map[string]string{
					"OTEL_EXPORTER_OTLP_ENDPOINT": base, "OTEL_EXPORTER_OTLP_HEADERS": "a=all", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=traces",
					"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "none",
				}
			}, "/v1/traces", map[string]string{"A": "", "B": "traces", "Content-Encoding": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t, nil)
			tracing := tracing(t, test.variables(receiver.URL))
			one(t, tracing)
			stop(t, tracing)
			require.Len(t, receiver.Requests(), 1)
			assert.Equal(t, test.path, receiver.Requests()[0].Path)
			for key, value := range test.header {
				assert.Equal(t, value, receiver.Requests()[0].Header.Get(key), key)
			}
			assert.Len(t, receiver.Spans(), 1)
		})
	}
}

func TestAReceiverIsTrustedByItsCertificate(t *testing.T) {
	var taken atomic.Int64
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { taken.Add(1) }))
	receiver.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo) // it complains of who does not trust it
	receiver.StartTLS()
	t.Cleanup(receiver.Close)
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: receiver.Certificate().Raw}), 0o600))
	for trusted, path := range map[int64]string{0: "", 1: certificate} {
		taken.Store(0)
		log := logs(t)
		tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL, "OTEL_EXPORTER_OTLP_CERTIFICATE": path})
		one(t, tracing)
		stop(t, tracing)
		assert.Equal(t, trusted, taken.Load())
		assert.Equal(t, trusted == 0, strings.Contains(log.String(), "certificate"), log.String())
	}
}

// What a receiver answers decides whether the batch is sent again.
//
// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
func TestWhatIsSentAgain(t *testing.T) {
	refuse := func(status int) func(int, http.ResponseWriter) bool {
		return func(attempt int, w http.ResponseWriter) bool {
			if attempt == 1 {
				w.Header().Set("Location", "/elsewhere") // for the redirect
				w.WriteHeader(status)
				return false
			}
			return true
		}
	}
	for name, test := range map[string]struct {
		answer   func(int, http.ResponseWriter) bool
		attempts int
		arrives  bool
	}{
		"200":                    {nil, 1, true},
		"429":                    {refuse(429), 2, true},
		"502":                    {refuse(502), 2, true},
		"503":                    {refuse(503), 2, true},
		"504":                    {refuse(504), 2, true},
		"400":                    {refuse(400), 1, false},
		"401":                    {refuse(401), 1, false},
		"500":                    {refuse(500), 1, false},
		"307":                    {refuse(307), 1, false},
		"a connection that ends": {func(attempt int, _ http.ResponseWriter) bool { return attempt > 1 || hangUp() }, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			log := logs(t)
			receiver := otlptest.Start(t, test.answer)
			tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL, "OTEL_BSP_SCHEDULE_DELAY": "1"})
			one(t, tracing)
			if test.arrives {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				receiver.Wait(ctx, t, func(spans []otlptest.Span) bool { return len(spans) == 1 })
			}
			stop(t, tracing)
			assert.Equal(t, test.attempts, receiver.Attempts())
			assert.Equal(t, !test.arrives, strings.Contains(log.String(), "traces are lost"), log.String())
			if !test.arrives {
				assert.Contains(t, log.String(), `"spans":1`)
				assert.Contains(t, log.String(), "the receiver answers "+name)
			}
		})
	}
}

// hangUp is how net/http ends a connection without an answer.
func hangUp() bool { panic(http.ErrAbortHandler) }

func TestAReceiverSaysWhenToComeBack(t *testing.T) {
	var first, second time.Time
	receiver := otlptest.Start(t, func(attempt int, w http.ResponseWriter) bool {
		if attempt == 1 {
			first = time.Now()
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		}
		second = time.Now()
		return true
	})
	tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL, "OTEL_BSP_SCHEDULE_DELAY": "1"})
	one(t, tracing)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	receiver.Wait(ctx, t, func(spans []otlptest.Span) bool { return len(spans) == 1 })
	stop(t, tracing)
	assert.GreaterOrEqual(t, second.Sub(first), 2*time.Second)
}

// A receiver that says to come back when the batch's time is over is not waited for.
func TestABatchHasItsTime(t *testing.T) {
	receiver := otlptest.Start(t, func(_ int, w http.ResponseWriter) bool {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		return false
	})
	log := logs(t)
	tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL})
	one(t, tracing)
	began := time.Now()
	require.NoError(t, tracing.Provider().(interface{ ForceFlush(context.Context) error }).ForceFlush(t.Context()))
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.Equal(t, 1, receiver.Attempts())
	assert.Contains(t, log.String(), "429")
	stop(t, tracing)
}

// Nobody listens, or nobody answers: requests do not notice, the log is told once, and a
// stop takes no longer than it is given.
func TestAReceiverThatIsAway(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // never accepts
	require.NoError(t, err)
	defer listener.Close()
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	for name, test := range map[string]struct {
		addr  string
		given time.Duration // to stop
	}{"refuses": {closed.Addr().String(), 10 * time.Second}, "hangs": {listener.Addr().String(), 100 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			log := logs(t)
			tracing := tracing(t, map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:hidden@" + test.addr, "OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_BSP_MAX_QUEUE_SIZE": "64", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "16",
				"OTEL_EXPORTER_OTLP_HEADERS": "authorization=hidden",
			})
			began := time.Now()
			for range 10_000 {
				one(t, tracing)
			}
			assert.Less(t, time.Since(began), 5*time.Second, "spans that nobody takes are dropped, not waited for")
			ctx, cancel := context.WithTimeout(t.Context(), test.given)
			defer cancel()
			began = time.Now()
			err := tracing.Stop(ctx)
			assert.Less(t, time.Since(began), 3*time.Second)
			if name == "hangs" {
				require.ErrorContains(t, err, "traces are lost")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
			assert.Contains(t, log.String(), "connection refused")
			assert.NotContains(t, log.String(), "hidden")
		})
	}
}

// A receiver may take a batch and leave some of it out. It is told, and not sent again.
func TestPartialSuccess(t *testing.T) {
	partial := func(rejected uint64, message string) []byte {
		var inner []byte
		if rejected > 0 {
			inner = protowire.AppendVarint(protowire.AppendTag(inner, 1, protowire.VarintType), rejected)
		}
		inner = protowire.AppendVarint(protowire.AppendTag(inner, 9, protowire.VarintType), 7) // from the future
		if message != "" {
			inner = protowire.AppendString(protowire.AppendTag(inner, 2, protowire.BytesType), message)
		}
		return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inner)
	}
	for name, test := range map[string]struct {
		reply []byte
		want  []string // none: nothing is logged
	}{
		"all is well":          {nil, nil},
		"an empty message":     {partial(0, ""), nil},
		"some are rejected":    {partial(3, "too old"), []string{`"spans":3`, "too old"}},
		"a warning":            {partial(0, "use another port"), []string{`"spans":0`, "use another port"}},
		"no OTLP":              {[]byte("<html>"), nil},
		"cut short":            {partial(3, "too old")[:5], nil},
		"longer than it says":  {[]byte{0x0a, 0x7f, 0x08}, nil},
		"a long story":         {partial(1, strings.Repeat("a", 5000)), []string{strings.Repeat("a", 1024) + `\"`}},
		"longer than is read":  {partial(1, strings.Repeat("a", 100_000)), nil},
		"a group, never ended": {[]byte{0x0a, 0x01, 0x0b}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			log := logs(t)
			receiver := otlptest.Start(t, func(_ int, w http.ResponseWriter) bool {
				_, err := w.Write(test.reply)
				return assert.NoError(t, err)
			})
			tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL})
			one(t, tracing)
			stop(t, tracing)
			assert.Equal(t, 1, receiver.Attempts())
			for _, part := range test.want {
				assert.Contains(t, log.String(), part)
			}
			if test.want == nil {
				assert.Empty(t, log.String())
			}
		})
	}
}

func BenchmarkServerSpan(b *testing.B) {
	receiver := otlptest.Start(b, nil)
	for _, share := range []float64{1, 0.01, 0} {
		b.Run("sampled "+strconv.FormatFloat(100*share, 'g', -1, 64)+" %", func(b *testing.B) {
			b.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
			b.Setenv("OTEL_TRACES_SAMPLER", "traceidratio")
			b.Setenv("OTEL_TRACES_SAMPLER_ARG", strconv.FormatFloat(share, 'g', -1, 64))
			tracing, err := telemetry.StartTracing(b.Context(), telemetry.Build{})
			require.NoError(b, err)
			spans(b, tracing)
			require.NoError(b, tracing.Stop(context.Background()))
		})
	}
	b.Run("off", func(b *testing.B) { spans(b, nil) })
}

func spans(b *testing.B, tracing *telemetry.Tracing) {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, "/v1/reviews/1", http.NoBody)
	ctx := telemetry.WithRequest(b.Context(), &telemetry.Request{ID: "1"})
	b.ReportAllocs()
	for b.Loop() {
		_, span := tracing.StartServer(ctx, r)
		span.End(telemetry.Answer{Route: "/v1/reviews/{id}", Status: http.StatusOK})
	}
}
