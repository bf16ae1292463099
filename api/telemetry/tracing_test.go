package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/api/telemetry/otlptest"
)

const (
	clientsTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	clientsSpan  = "00f067aa0ba902b7"
)

// tracing starts with these variables, as they are in the environment of a process.
func tracing(t *testing.T, variables map[string]string) *telemetry.Tracing {
	t.Helper()
	for name, value := range variables {
		t.Setenv(name, value)
	}
	started, err := telemetry.StartTracing(t.Context(), telemetry.Build{Version: "1.2.3", Release: "blue"})
	require.NoError(t, err)
	require.NotNil(t, started)
	return started
}

// serve is what observe does with a request.
func serve(tracing *telemetry.Tracing, r *http.Request, answer telemetry.Answer) *telemetry.Request {
	request := &telemetry.Request{ID: "request-1"}
	_, span := tracing.StartServer(telemetry.WithRequest(r.Context(), request), r)
	span.End(answer)
	return request
}

func answered(status int) telemetry.Answer {
	return telemetry.Answer{Method: http.MethodGet, Route: "/v1/reviews/{id}", Status: status, ResponseBytes: 12}
}

// stop waits until all is sent.
func stop(t *testing.T, tracing *telemetry.Tracing) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(t, tracing.Stop(ctx))
}

func attributes(span otlptest.Span) map[string]string {
	all := map[string]string{}
	for _, attribute := range span.GetAttributes() {
		all[attribute.GetKey()] = span.Attribute(attribute.GetKey())
	}
	return all
}

func TestTracingIsOffUnlessAskedFor(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"nothing is set":          {},
		"all is empty":            {"OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "", "OTEL_TRACES_EXPORTER": ""},
		"no exporter":             {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_TRACES_EXPORTER": "none"},
		"disabled":                {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "true"},
		"disabled in capitals":    {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "TRUE"},
		"only the name":           {"OTEL_SERVICE_NAME": "mine"},
		"a sampler alone":         {"OTEL_TRACES_SAMPLER": "always_on"},
		"another signal's":        {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://localhost:4318"},
		"what is wrong and off":   {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
		"disabled with a mistake": {"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_SDK_DISABLED": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			off, err := telemetry.StartTracing(t.Context(), telemetry.Build{})
			require.NoError(t, err)
			require.Nil(t, off)
			assert.Nil(t, off.Provider())
			assert.Nil(t, off.Propagator())
			assert.NoError(t, off.Stop(t.Context()))
		})
	}
}

// Off is free: whoever does not trace pays for no part of it.
func TestTracingThatIsOffAllocatesNothing(t *testing.T) {
	var off *telemetry.Tracing
	r := httptest.NewRequest(http.MethodGet, "/v1/reviews/1?a=b", http.NoBody)
	ctx := telemetry.WithRequest(r.Context(), &telemetry.Request{})
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		_, span := off.StartServer(ctx, r)
		span.End(telemetry.Answer{Status: http.StatusOK})
	}))
}

func TestTheClientsTraceIsNotedWhereTracingIsOff(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Traceparent", "00-"+clientsTrace+"-"+clientsSpan+"-01")
	request := serve(nil, r, answered(http.StatusOK))
	assert.Equal(t, clientsTrace, request.TraceID)
	assert.Empty(t, request.SpanID)
}

func TestAServerSpanSaysWhatWasAskedAndAnswered(t *testing.T) {
	const traced = "00-" + clientsTrace + "-" + clientsSpan + "-01"
	gone, leave := context.WithCancel(t.Context())
	leave()
	base := map[string]string{
		"http.request.method": "GET", "http.route": "/v1/reviews/{id}", "http.response.status_code": "200", "http.response.body.size": "12",
		"http.response.header.x-request-id": "[request-1]", "url.scheme": "http", "url.path": "/v1/reviews/a%20b",
		"server.address": "api.example.com", "server.port": "8080", "network.protocol.version": "1.1", "user_agent.original": "curl/8",
	}
	for name, test := range map[string]struct {
		ctx    context.Context
		change func(*http.Request)
		answer func(*telemetry.Answer)
		name   string
		want   map[string]string // beside base; "" is none
		status tracepb.Status_StatusCode
	}{
		"a read":       {name: "GET /v1/reviews/{id}"},
		"not found":    {answer: func(a *telemetry.Answer) { a.Status = 404 }, name: "GET /v1/reviews/{id}", want: map[string]string{"http.response.status_code": "404"}},
		"our error":    {answer: func(a *telemetry.Answer) { a.Status = 503 }, name: "GET /v1/reviews/{id}", want: map[string]string{"http.response.status_code": "503", "error.type": "503"}, status: tracepb.Status_STATUS_CODE_ERROR},
		"client gone":  {ctx: gone, answer: func(a *telemetry.Answer) { a.Status = 503 }, name: "GET /v1/reviews/{id}", want: map[string]string{"http.response.status_code": "503"}},
		"no route":     {answer: func(a *telemetry.Answer) { a.Status, a.Route = 404, telemetry.Unmatched }, name: "GET", want: map[string]string{"http.response.status_code": "404", "http.route": ""}},
		"other method": {change: func(r *http.Request) { r.Method = "BREW" }, name: "HTTP /v1/reviews/{id}", want: map[string]string{"http.request.method": "_OTHER", "http.request.method_original": "BREW"}},
		"no port":      {change: func(r *http.Request) { r.Host = "api.example.com" }, name: "GET /v1/reviews/{id}", want: map[string]string{"server.port": ""}},
		"no agent":     {change: func(r *http.Request) { r.Header.Del("User-Agent") }, name: "GET /v1/reviews/{id}", want: map[string]string{"user_agent.original": ""}},
		"long agent":   {change: func(r *http.Request) { r.Header.Set("User-Agent", strings.Repeat("a", 10_000)) }, name: "GET /v1/reviews/{id}", want: map[string]string{"user_agent.original": strings.Repeat("a", 1024)}},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t, nil)
			tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL})
			r := httptest.NewRequest(http.MethodGet, "/v1/reviews/a%20b?secret=query", http.NoBody)
			if test.ctx != nil {
				r = r.WithContext(test.ctx)
			}
			r.Host, r.RemoteAddr = "api.example.com:8080", "203.0.113.9:1234"
			r.Header.Set("User-Agent", "curl/8")
			r.Header.Set("Traceparent", traced)
			if test.change != nil {
				test.change(r)
			}
			answer := answered(http.StatusOK)
			if test.answer != nil {
				test.answer(&answer)
			}
			request := serve(tracing, r, answer)
			stop(t, tracing)

			require.Len(t, receiver.Spans(), 1)
			span := receiver.Spans()[0]
			assert.Equal(t, test.name, span.GetName())
			assert.Equal(t, tracepb.Span_SPAN_KIND_SERVER, span.GetKind())
			assert.Equal(t, test.status, span.GetStatus().GetCode())
			want := map[string]string{}
			for _, source := range []map[string]string{base, test.want} {
				for key, value := range source {
					if want[key] = value; value == "" {
						delete(want, key)
					}
				}
			}
			assert.Equal(t, want, attributes(span))
			assert.Equal(t, clientsTrace, hexOf(span.GetTraceId()))
			assert.Equal(t, clientsSpan, hexOf(span.GetParentSpanId()))
			assert.Equal(t, request.TraceID, hexOf(span.GetTraceId()))
			assert.Equal(t, request.SpanID, hexOf(span.GetSpanId()))
			assert.NotContains(t, string(receiver.Requests()[0].Body), "secret")
			assert.NotContains(t, string(receiver.Requests()[0].Body), "203.0.113.9")
		})
	}
}

func hexOf(id []byte) string {
	if len(id) == 8 {
		return trace.SpanID(id).String()
	}
	return trace.TraceID(id).String()
}

func TestTheResourceSaysWhoSends(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		want      map[string]string
	}{
		"by default": {nil, map[string]string{"service.name": "falafel-api", "service.version": "1.2.3", "deployment.name": "blue", "telemetry.sdk.language": "go"}},
		"as the environment says": {
			map[string]string{"OTEL_SERVICE_NAME": "mine", "OTEL_RESOURCE_ATTRIBUTES": "service.name=not mine,deployment.environment.name=a%2Cb, service.version = 9"},
			map[string]string{"service.name": "mine", "service.version": "9", "deployment.environment.name": "a,b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t, nil)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
			tracing := tracing(t, test.variables)
			serve(tracing, httptest.NewRequest(http.MethodGet, "/", http.NoBody), answered(200))
			stop(t, tracing)
			require.Len(t, receiver.Spans(), 1)
			about := receiver.Spans()[0].Resource.GetAttributes()
			for key, value := range test.want {
				assert.Equal(t, value, otlptest.Attribute(about, key), key)
			}
			assert.Len(t, otlptest.Attribute(about, "service.instance.id"), 36)
		})
	}
}

func TestSampling(t *testing.T) {
	const sampled, not = "-01", "-00"
	for name, test := range map[string]struct {
		sampler, ratio string
		parent         string // its flags; "" is no parent
		want           bool
	}{
		"everything, by default":            {want: true},
		"an empty sampler is the default":   {sampler: " ", want: true},
		"by default, as the parent says":    {parent: not},
		"by default, as the parent agrees":  {parent: sampled, want: true},
		"nothing, but for a sampled parent": {sampler: "parentbased_always_off", parent: sampled, want: true},
		"nothing without a parent":          {sampler: "parentbased_always_off"},
		"always":                            {sampler: "always_on", parent: not, want: true},
		"never":                             {sampler: "always_off", parent: sampled},
		"none of a hundred":                 {sampler: "parentbased_traceidratio", ratio: "0"},
		"all of a hundred":                  {sampler: "parentbased_traceidratio", ratio: "1", want: true},
		"a share, whatever the parent says": {sampler: "traceidratio", ratio: "0", parent: sampled},
		"a ratio without a value is all":    {sampler: "traceidratio", want: true},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t, nil)
			tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL, "OTEL_TRACES_SAMPLER": test.sampler, "OTEL_TRACES_SAMPLER_ARG": test.ratio})
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			if test.parent != "" {
				r.Header.Set("Traceparent", "00-"+clientsTrace+"-"+clientsSpan+test.parent)
			}
			request := serve(tracing, r, answered(200))
			stop(t, tracing)
			assert.Equal(t, test.want, len(receiver.Spans()) == 1)
			assert.NotEmpty(t, request.TraceID, "a log line has its ids whether the trace is sampled or not")
		})
	}
}

func TestPropagators(t *testing.T) {
	for value, want := range map[string]bool{"": true, "tracecontext,baggage": true, "baggage, tracecontext": true, "baggage": false, "none": false} {
		t.Run(value, func(t *testing.T) {
			receiver := otlptest.Start(t, nil)
			tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL, "OTEL_PROPAGATORS": value})
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.Header.Set("Traceparent", "00-"+clientsTrace+"-"+clientsSpan+"-01")
			r.Header.Set("Baggage", "user=secret")
			ctx, span := tracing.StartServer(t.Context(), r)
			out := propagation.HeaderCarrier{}
			tracing.Propagator().Inject(ctx, out)
			span.End(answered(200))
			stop(t, tracing)
			assert.Equal(t, want, hexOf(receiver.Spans()[0].GetTraceId()) == clientsTrace)
			assert.Equal(t, want, strings.HasPrefix(out.Get("traceparent"), "00-"+clientsTrace+"-"+hexOf(receiver.Spans()[0].GetSpanId())))
			assert.Empty(t, out.Get("baggage"), "what a client sends along is not for DynamoDB")
		})
	}
}

func TestAPanicIsInItsSpan(t *testing.T) {
	for name, test := range map[string]struct {
		cause any
		want  string
	}{"an error": {errors.New("out of falafel"), "out of falafel"}, "a value": {42, "42"}} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t, nil)
			tracing := tracing(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL})
			ctx, span := tracing.StartServer(t.Context(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			telemetry.RecordPanic(ctx, test.cause)
			span.End(answered(500))
			stop(t, tracing)
			require.Len(t, receiver.Spans()[0].GetEvents(), 1)
			event := receiver.Spans()[0].GetEvents()[0]
			assert.Equal(t, "exception", event.GetName())
			assert.Equal(t, test.want, otlptest.Attribute(event.GetAttributes(), "exception.message"))
			assert.Contains(t, otlptest.Attribute(event.GetAttributes(), "exception.stacktrace"), "TestAPanicIsInItsSpan")
		})
	}
	telemetry.RecordPanic(t.Context(), "without a span, it is nothing")
}

func TestAVariableThatIsWrongStopsTheStart(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "no.pem")
	require.NoError(t, os.WriteFile(noPEM, []byte("hello"), 0o600))
	for _, test := range []struct{ name, value, want string }{
		{"OTEL_SDK_DISABLED", "yes", `OTEL_SDK_DISABLED is "yes", but must be true or false`},
		{"OTEL_TRACES_EXPORTER", "zipkin", `OTEL_TRACES_EXPORTER is "zipkin", but must be otlp or none`},
		{"OTEL_TRACES_EXPORTER", "otlp,console", `OTEL_TRACES_EXPORTER is "otlp,console", but must be otlp or none`},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL, such as http://localhost:4318"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be an http or https URL"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://u:hidden@localhost:4317", "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", but must be http/protobuf`},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "http/json", but must be http/protobuf`},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=1,hidden", "OTEL_EXPORTER_OTLP_HEADERS must be name=value, with others behind a comma, and %XX for what is special: number 2 is not"},
		{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=%zzhidden", "OTEL_EXPORTER_OTLP_TRACES_HEADERS must be name=value"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=%0ahidden", "OTEL_EXPORTER_OTLP_HEADERS must be name=value"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a b=hidden", "OTEL_EXPORTER_OTLP_HEADERS must be name=value"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s", `OTEL_EXPORTER_OTLP_TIMEOUT is "10s", but must be a number of milliseconds above 0, such as 10000`},
		{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0", `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is "0"`},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", `OTEL_EXPORTER_OTLP_COMPRESSION is "zstd", but must be gzip or none`},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere.pem", "OTEL_EXPORTER_OTLP_CERTIFICATE cannot be read: open /nowhere.pem"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", noPEM, "but must be a file with certificates in PEM"},
		{"OTEL_TRACES_SAMPLER", "jaeger_remote", `OTEL_TRACES_SAMPLER is "jaeger_remote", but must be always_on, always_off, traceidratio, or one of these behind parentbased_`},
		{"OTEL_TRACES_SAMPLER_ARG", "2", `OTEL_TRACES_SAMPLER_ARG is "2", but must be a share between 0 and 1, such as 0.01`},
		{"OTEL_TRACES_SAMPLER_ARG", "NaN", `OTEL_TRACES_SAMPLER_ARG is "NaN"`},
		{"OTEL_PROPAGATORS", "tracecontext,b3", `OTEL_PROPAGATORS is "tracecontext,b3", but must be tracecontext, baggage, both with a comma between, or none`},
		{"OTEL_RESOURCE_ATTRIBUTES", "team", "OTEL_RESOURCE_ATTRIBUTES must be name=value"},
		{"OTEL_RESOURCE_ATTRIBUTES", "team=%", "OTEL_RESOURCE_ATTRIBUTES must be name=value"},
		{"OTEL_RESOURCE_ATTRIBUTES", "=a", "OTEL_RESOURCE_ATTRIBUTES must be name=value"},
		{"OTEL_BSP_SCHEDULE_DELAY", "soon", `OTEL_BSP_SCHEDULE_DELAY is "soon", but must be a whole number above 0`},
		{"OTEL_BSP_MAX_QUEUE_SIZE", "-1", `OTEL_BSP_MAX_QUEUE_SIZE is "-1"`},
		{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1.5", `OTEL_BSP_MAX_EXPORT_BATCH_SIZE is "1.5"`},
		{"OTEL_BSP_EXPORT_TIMEOUT", "0", `OTEL_BSP_EXPORT_TIMEOUT is "0"`},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
			t.Setenv("OTEL_TRACES_SAMPLER", "traceidratio")
			t.Setenv(test.name, test.value)
			_, err := telemetry.StartTracing(t.Context(), telemetry.Build{})
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "hidden")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// OpenTelemetry's own exporter links gRPC, which is half as much as all the rest.
func TestTheServiceLinksNoGRPC(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/pretendfriend/falafel-api/api").Output()
	require.NoError(t, err)
	require.Contains(t, string(list), "go.opentelemetry.io/otel/sdk/trace")
	assert.NotContains(t, string(list), "google.golang.org/grpc")
	assert.NotContains(t, string(list), "proto/otlp/collector")
}

// written is a log that servers may still write to when a test reads it.
type written struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.content.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.content.String()
}

// logs is what is logged until the end of the test.
func logs(t *testing.T) *written {
	t.Helper()
	log := &written{}
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(telemetry.NewLogger(log, telemetry.JSON, slog.LevelInfo))
	return log
}

func TestTracingWithAProviderOfItsOwn(t *testing.T) {
	t.Parallel()
	kept := tracetest.NewInMemoryExporter()
	tracing := telemetry.NewTracing(sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept)))
	one(t, tracing)
	require.Len(t, kept.GetSpans(), 1)
	stop(t, tracing)
}

// The page names each variable that is read, for traces and for all signals.
func TestTheVariablesAreInTheDocuments(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/traces.md")
	require.NoError(t, err)
	source, err := os.ReadFile("tracing_variables.go")
	require.NoError(t, err)
	read := regexp.MustCompile(`"(OTEL_[A-Z_]*[A-Z])"|ofExporter\("([A-Z]+)"\)`).FindAllSubmatch(source, -1)
	require.Greater(t, len(read), 15)
	for _, found := range read {
		name := string(found[1])
		if name == "" {
			name = "OTEL_EXPORTER_OTLP_" + string(found[2])
		}
		assert.Contains(t, string(page), "`"+name+"`")
	}
}
