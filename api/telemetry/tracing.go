package telemetry

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"

	"github.com/gofrs/uuid/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"
)

const (
	scope = "github.com/pretendfriend/falafel-api/api/telemetry"

	// maxAttribute bounds what a client can have us keep: a queue of 2,048 spans, each with
	// a header of 16 KB, would be 32 MB. OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT sets another.
	maxAttribute = 1024
)

// Tracing makes spans and sends them away. Its methods may be called on nil, which is
// what it is when it is off.
type Tracing struct {
	provider   *sdktrace.TracerProvider
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	client     *otlpClient // nil: the provider knows itself where spans go
}

// NewTracing makes spans with the provider, whatever the environment says. Its version and
// resource are the provider's own.
func NewTracing(provider *sdktrace.TracerProvider) *Tracing {
	return &Tracing{provider: provider, tracer: provider.Tracer(scope), propagator: propagation.TraceContext{}}
}

// StartTracing reads OpenTelemetry's own variables (OTEL_…) from the environment, as its
// SDK does. It returns nil where they do not ask for traces: where there is neither an
// endpoint nor OTEL_TRACES_EXPORTER=otlp. Its error is one sentence that names the variable.
//
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func StartTracing(ctx context.Context, build Build) (*Tracing, error) {
	settings, err := readTracing()
	if err != nil || settings == nil {
		return nil, err
	}
	about, err := describe(ctx, build)
	if err != nil {
		return nil, err
	}
	client := newOTLPClient(settings.otlp, build)
	exporter, err := otlptrace.New(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("traces cannot be sent: %w", err)
	}
	limits := sdktrace.NewSpanLimits()
	if limits.AttributeValueLengthLimit == sdktrace.DefaultAttributeValueLengthLimit {
		limits.AttributeValueLengthLimit = maxAttribute
	}
	if firstSet("OTEL_TRACES_SAMPLER").value == "" {
		// The SDK complains of one that is empty, which the specification takes for unset.
		_ = os.Unsetenv("OTEL_TRACES_SAMPLER") // fails for a bad name only
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(about), sdktrace.WithSampler(settings.sampler),
		sdktrace.WithRawSpanLimits(limits), sdktrace.WithBatcher(exporter))
	return &Tracing{
		provider: provider, tracer: provider.Tracer(scope, trace.WithInstrumentationVersion(build.Version)),
		propagator: settings.propagator, client: client,
	}, nil
}

// describe says who sends the spans. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME have
// the last word.
func describe(ctx context.Context, build Build) (*resource.Resource, error) {
	attributes := []attribute.KeyValue{semconv.ServiceName("falafel-api"), semconv.ServiceVersion(build.Version)}
	if instance, err := uuid.NewV4(); err == nil {
		attributes = append(attributes, semconv.ServiceInstanceID(instance.String()))
	}
	if build.Release != "" {
		attributes = append(attributes, semconv.DeploymentName(build.Release))
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(attributes...), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES is not understood: %w", err)
	}
	return about, nil
}

// Stop sends what is left, until the context ends. Nothing is tried twice any more, so
// that a receiver that is away delays no stop.
func (t *Tracing) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if t.client != nil {
		t.client.hurry()
		defer t.client.giveUp()
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("traces are lost: %w", err)
	}
	return nil
}

// Provider is for the instrumentation of libraries; nil when tracing is off.
func (t *Tracing) Provider() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// Propagator writes the trace into the headers of a call; nil when tracing is off.
func (t *Tracing) Propagator() propagation.TextMapPropagator {
	if t == nil {
		return nil
	}
	return t.propagator
}

// ServerSpan is of one request while it is served.
type ServerSpan struct {
	span    trace.Span
	request *http.Request
	id      string // of the request
}

// StartServer begins the span of a request, as a child of the one that traceparent names
// (W3C Trace Context), and notes the ids in the [Request] of the context. Where tracing
// is off, the trace that the client named is noted all the same.
func (t *Tracing) StartServer(ctx context.Context, r *http.Request) (context.Context, ServerSpan) {
	if t == nil {
		noteClientsTrace(ctx, r)
		return ctx, ServerSpan{}
	}
	method, _ := methodOf(r)
	ctx, span := t.tracer.Start(t.propagator.Extract(ctx, propagation.HeaderCarrier(r.Header)), method, trace.WithSpanKind(trace.SpanKindServer))
	s := ServerSpan{span: span, request: r}
	if request := FromContext(ctx); request != nil {
		request.TraceID, request.SpanID = span.SpanContext().TraceID().String(), span.SpanContext().SpanID().String()
		s.id = request.ID
	}
	return ctx, s
}

func noteClientsTrace(ctx context.Context, r *http.Request) {
	request := FromContext(ctx)
	if request == nil || r.Header.Get("Traceparent") == "" {
		return
	}
	remote := propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	if span := trace.SpanContextFromContext(remote); span.HasTraceID() {
		request.TraceID = span.TraceID().String()
	}
}

// End ends the span, and says what was asked and answered in the terms of OpenTelemetry's
// conventions for HTTP servers. The query is left out, and so is the client's address: an
// operator needs neither. The path is in: names of restaurants and ids of reviews are public.
//
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
func (s ServerSpan) End(answer Answer) {
	if s.span == nil {
		return
	}
	defer s.span.End()
	if !s.span.IsRecording() {
		return
	}
	method, known := methodOf(s.request)
	attributes := make([]attribute.KeyValue, 0, 12)
	attributes = append(attributes,
		semconv.HTTPRequestMethodKey.String(method), semconv.HTTPResponseStatusCode(answer.Status), semconv.HTTPResponseBodySize(int(answer.ResponseBytes)),
		semconv.URLScheme(schemeOf(s.request)), semconv.URLPath(s.request.URL.EscapedPath()),
		semconv.NetworkProtocolVersion(strconv.Itoa(s.request.ProtoMajor)+"."+strconv.Itoa(s.request.ProtoMinor)))
	attributes = appendServer(attributes, s.request.Host)
	if !known {
		attributes = append(attributes, semconv.HTTPRequestMethodOriginal(s.request.Method))
		method = "HTTP"
	}
	if agent := s.request.UserAgent(); agent != "" {
		attributes = append(attributes, semconv.UserAgentOriginal(agent))
	}
	if s.id != "" {
		attributes = append(attributes, semconv.HTTPResponseHeader("x-request-id", s.id))
	}
	name := method
	if answer.Route != Unmatched {
		name += " " + answer.Route
		attributes = append(attributes, semconv.HTTPRoute(answer.Route))
	}
	// Whoever went away got no answer: whatever its status says is no fault of ours.
	if answer.Status >= http.StatusInternalServerError && s.request.Context().Err() == nil {
		attributes = append(attributes, semconv.ErrorTypeKey.String(strconv.Itoa(answer.Status)))
		s.span.SetStatus(codes.Error, "")
	}
	s.span.SetName(name)
	s.span.SetAttributes(attributes...)
}

// RecordPanic notes in the span of the context what a handler panicked with.
func RecordPanic(ctx context.Context, cause any) {
	err, ok := cause.(error)
	if !ok {
		err = fmt.Errorf("%v", cause)
	}
	trace.SpanFromContext(ctx).RecordError(err, trace.WithStackTrace(true))
}

// methodOf bounds the name of the span: a client may send any token as a method.
func methodOf(r *http.Request) (method string, known bool) {
	if knownMethod(r.Method) != r.Method {
		return "_OTHER", false
	}
	return r.Method, true
}

func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func appendServer(attributes []attribute.KeyValue, host string) []attribute.KeyValue {
	address, port, err := net.SplitHostPort(host)
	if err != nil {
		return append(attributes, semconv.ServerAddress(host))
	}
	attributes = append(attributes, semconv.ServerAddress(address))
	if number, err := strconv.ParseUint(port, 10, 16); err == nil {
		attributes = append(attributes, semconv.ServerPort(int(number)))
	}
	return attributes
}
