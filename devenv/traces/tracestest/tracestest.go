// Package tracestest prints, beside a test that failed, what its service did: each request
// as a waterfall of its calls to DynamoDB.
//
//	tracing := telemetry.NewTracing(tracestest.Provider(t))
//
// A test that passes prints nothing, and pays for some spans in memory. Where the standard
// OTEL_EXPORTER_OTLP_ENDPOINT is set, as for a console that runs, the spans go there, too.
package tracestest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/pretendfriend/falafel-api/devenv/traces"
)

const (
	// maxSpans of a test are kept, the last: what failed is among them.
	maxSpans = 2048

	// maxPrinted traces are more than anybody reads.
	maxPrinted = 20

	// sendWithin bounds what a console that hangs costs a test.
	sendWithin = 5 * time.Second
)

// Provider makes the spans of the service under test. When the test has failed, its
// waterfalls are printed at its end.
func Provider(t testing.TB) *sdktrace.TracerProvider {
	t.Helper()
	kept := &recorder{}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(resource.NewSchemaless(semconv.ServiceName("falafel-api"), semconv.TestCaseName(t.Name()))),
		sdktrace.WithSpanProcessor(kept))
	t.Cleanup(func() {
		endpoint := endpointOf(os.Getenv)
		if !t.Failed() && endpoint == "" {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), sendWithin) // the test's own has ended
		defer cancel()
		if err := kept.export(ctx, &client{t: t, endpoint: endpoint}); err != nil {
			t.Log(err)
		}
	})
	return provider
}

// endpointOf is where traces go by the variables that OpenTelemetry has for it; "" is
// nowhere. Of the others, only those that switch it off are looked at.
//
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func endpointOf(variable func(string) string) string {
	if strings.EqualFold(variable("OTEL_SDK_DISABLED"), "true") || variable("OTEL_TRACES_EXPORTER") == "none" {
		return ""
	}
	if endpoint := variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); endpoint != "" {
		return endpoint
	}
	if endpoint := variable("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint != "" {
		return strings.TrimRight(endpoint, "/") + "/v1/traces"
	}
	return ""
}

// recorder keeps the last spans that ended, as they are: what they say is worked out only
// when somebody wants to know. (tracetest.SpanRecorder, which is the SDK's, keeps all, and
// all that began.)
type recorder struct {
	mu      sync.Mutex
	spans   []sdktrace.ReadOnlySpan
	dropped int
}

// OnStart implements sdktrace.SpanProcessor.
func (r *recorder) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements sdktrace.SpanProcessor.
func (r *recorder) OnEnd(span sdktrace.ReadOnlySpan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.spans) == maxSpans {
		r.spans = append(r.spans[:0], r.spans[maxSpans/4:]...)
		r.dropped += maxSpans / 4
	}
	r.spans = append(r.spans, span)
}

// Shutdown implements sdktrace.SpanProcessor.
func (r *recorder) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (r *recorder) ForceFlush(context.Context) error { return nil }

// export hands the spans over in the form of the protocol: the SDK's own exporter makes it.
func (r *recorder) export(ctx context.Context, to *client) error {
	r.mu.Lock()
	spans := slices.Clone(r.spans)
	to.dropped = r.dropped
	r.mu.Unlock()
	if len(spans) == 0 {
		return nil
	}
	exporter, err := otlptrace.New(ctx, to)
	if err != nil {
		return err
	}
	return exporter.ExportSpans(ctx, spans)
}

// client is where the spans of a test go.
type client struct {
	t        testing.TB
	endpoint string // "" is none
	dropped  int
}

// Start implements otlptrace.Client.
func (c *client) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *client) Stop(context.Context) error { return nil }

// UploadTraces prints the spans of a test that failed, and sends them.
func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	batch := &tracepb.TracesData{ResourceSpans: spans}
	if c.t.Failed() {
		c.t.Log(waterfalls(batch, c.dropped))
	}
	if c.endpoint == "" {
		return nil
	}
	return send(ctx, c.endpoint, batch)
}

func waterfalls(batch *tracepb.TracesData, dropped int) string {
	buffer := traces.NewBuffer(traces.Limits{})
	buffer.Take(batch)
	recent := buffer.Recent(maxSpans)
	var out strings.Builder
	out.WriteString("what the service did:\n")
	if more := len(recent) - maxPrinted; more > 0 || dropped > 0 {
		fmt.Fprintf(&out, "(%d traces before these, and %d spans of others)\n", max(more, 0), dropped)
	}
	shown := recent[:min(len(recent), maxPrinted)]
	slices.Reverse(shown) // as they came
	for _, summary := range shown {
		out.WriteString(buffer.Waterfall(summary.TraceID))
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func send(ctx context.Context, endpoint string, batch *tracepb.TracesData) error {
	body, err := proto.Marshal(batch)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the traces of this test are not sent: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the traces of this test are not sent: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the traces of this test are not taken: %s answers %s", endpoint, response.Status)
	}
	return nil
}
