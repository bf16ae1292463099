package telemetry

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The default endpoint, and how long one batch may take, as OTLP's specification has them.
//
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
const (
	defaultEndpoint = "http://localhost:4318/v1/traces"
	defaultTimeout  = 10 * time.Second
)

// tracingSettings are what the variables ask for. The SDK reads the others itself: those
// of the resource, of the queue (OTEL_BSP_…) and of the span limits.
type tracingSettings struct {
	otlp       otlpSettings
	sampler    sdktrace.Sampler
	propagator propagation.TextMapPropagator
}

type otlpSettings struct {
	endpoint *url.URL
	headers  http.Header
	timeout  time.Duration // of a batch, all attempts together
	gzip     bool
	roots    *x509.CertPool // nil: the system's
}

// variable is one of the environment, with its value. Empty is as good as not set, says
// the specification.
type variable struct{ name, value string }

func firstSet(names ...string) variable {
	for _, name := range names {
		if value := strings.TrimSpace(os.Getenv(name)); value != "" {
			return variable{name, value}
		}
	}
	return variable{}
}

// ofExporter is the variable for traces, or the one for all signals.
func ofExporter(name string) variable {
	return firstSet("OTEL_EXPORTER_OTLP_TRACES_"+name, "OTEL_EXPORTER_OTLP_"+name)
}

func (v variable) wrong(rule string) error {
	return fmt.Errorf("%s is %q, but must be %s", v.name, v.value, rule)
}

// readTracing is nil where no traces are asked for.
func readTracing() (*tracingSettings, error) {
	endpoint, err := readEndpoint()
	if err != nil || endpoint == nil {
		return nil, err
	}
	s := &tracingSettings{otlp: otlpSettings{endpoint: endpoint}}
	if protocol := ofExporter("PROTOCOL"); protocol.value != "" && protocol.value != "http/protobuf" {
		return nil, protocol.wrong("http/protobuf, which collectors take on port 4318: gRPC and JSON are not linked in")
	}
	for _, read := range []func() error{s.readHeaders, s.readTimeout, s.readCompression, s.readCertificate, s.readSampler, s.readPropagators, checkResource, checkNumbers} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readEndpoint is nil where tracing is off: an endpoint or an exporter has to be asked for,
// or every service without a collector would look for one.
func readEndpoint() (*url.URL, error) {
	switch disabled := firstSet("OTEL_SDK_DISABLED"); strings.ToLower(disabled.value) {
	case "true":
		return nil, nil //nolint:nilnil // off is no error
	case "", "false":
	default:
		return nil, disabled.wrong("true or false")
	}
	exporter, given := firstSet("OTEL_TRACES_EXPORTER"), ofExporter("ENDPOINT")
	switch exporter.value {
	case "none":
		return nil, nil //nolint:nilnil // off is no error
	case "otlp":
		if given.value == "" {
			given = variable{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", defaultEndpoint}
		}
	case "":
		if given.value == "" {
			return nil, nil //nolint:nilnil // off is no error
		}
	default:
		return nil, exporter.wrong("otlp or none")
	}
	endpoint, err := url.Parse(given.value)
	if err != nil || endpoint.Scheme != "http" && endpoint.Scheme != "https" || endpoint.Host == "" {
		// The value stays out: it may hold a password.
		return nil, fmt.Errorf("%s must be an http or https URL, such as http://localhost:4318", given.name)
	}
	if given.name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		return endpoint.JoinPath("v1/traces"), nil
	}
	if endpoint.Path == "" {
		endpoint.Path = "/" // that of traces is taken as it is, with the root where it has no path
	}
	return endpoint, nil
}

// isToken is the name of a header: https://www.rfc-editor.org/rfc/rfc9110#name-tokens
var isToken = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// readHeaders never quotes a value: they are credentials, more often than not.
func (s *tracingSettings) readHeaders() error {
	headers := ofExporter("HEADERS")
	s.otlp.headers = http.Header{}
	return eachPair(headers, func(name, value string) error {
		if !isToken.MatchString(name) || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return errors.New("not a header of HTTP")
		}
		s.otlp.headers.Set(name, value)
		return nil
	})
}

// eachPair reads "name=value,name=value" with values that are percent-encoded.
func eachPair(v variable, use func(name, value string) error) error {
	if v.value == "" {
		return nil
	}
	for i, pair := range strings.Split(v.value, ",") {
		name, value, found := strings.Cut(pair, "=")
		err := errors.New("not name=value")
		if found {
			if value, err = url.PathUnescape(strings.TrimSpace(value)); err == nil {
				err = use(strings.TrimSpace(name), value)
			}
		}
		if err != nil {
			return fmt.Errorf("%s must be name=value, with others behind a comma, and %%XX for what is special: number %d is not", v.name, i+1)
		}
	}
	return nil
}

func (s *tracingSettings) readTimeout() error {
	timeout := ofExporter("TIMEOUT")
	s.otlp.timeout = defaultTimeout
	if timeout.value == "" {
		return nil
	}
	milliseconds, err := strconv.ParseInt(timeout.value, 10, 32)
	if err != nil || milliseconds <= 0 {
		return timeout.wrong("a number of milliseconds above 0, such as 10000")
	}
	s.otlp.timeout = time.Duration(milliseconds) * time.Millisecond
	return nil
}

func (s *tracingSettings) readCompression() error {
	compression := ofExporter("COMPRESSION")
	s.otlp.gzip = compression.value == "gzip"
	if !s.otlp.gzip && compression.value != "" && compression.value != "none" {
		return compression.wrong("gzip or none")
	}
	return nil
}

func (s *tracingSettings) readCertificate() error {
	certificate := ofExporter("CERTIFICATE")
	if certificate.value == "" {
		return nil
	}
	content, err := os.ReadFile(certificate.value)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", certificate.name, err)
	}
	s.otlp.roots = x509.NewCertPool()
	if !s.otlp.roots.AppendCertsFromPEM(content) {
		return certificate.wrong("a file with certificates in PEM")
	}
	return nil
}

// readSampler: the SDK reads these as well, but goes on with a default where they are wrong.
func (s *tracingSettings) readSampler() error {
	name, argument := firstSet("OTEL_TRACES_SAMPLER"), firstSet("OTEL_TRACES_SAMPLER_ARG")
	ratio := 1.0
	if strings.Contains(name.value, "traceidratio") && argument.value != "" {
		var err error
		if ratio, err = strconv.ParseFloat(argument.value, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			return argument.wrong("a share between 0 and 1, such as 0.01")
		}
	}
	switch name.value {
	case "always_on":
		s.sampler = sdktrace.AlwaysSample()
	case "always_off":
		s.sampler = sdktrace.NeverSample()
	case "traceidratio":
		s.sampler = sdktrace.TraceIDRatioBased(ratio)
	case "", "parentbased_always_on":
		s.sampler = sdktrace.ParentBased(sdktrace.AlwaysSample())
	case "parentbased_always_off":
		s.sampler = sdktrace.ParentBased(sdktrace.NeverSample())
	case "parentbased_traceidratio":
		s.sampler = sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio))
	default:
		return name.wrong("always_on, always_off, traceidratio, or one of these behind parentbased_")
	}
	return nil
}

// readPropagators: baggage is accepted, as it is in the default, and goes nowhere. The only
// thing that the service calls is DynamoDB, which has no use for what clients send along.
func (s *tracingSettings) readPropagators() error {
	propagators := firstSet("OTEL_PROPAGATORS")
	s.propagator = propagation.TraceContext{}
	if propagators.value == "" {
		return nil
	}
	s.propagator = propagation.NewCompositeTextMapPropagator()
	for name := range strings.SplitSeq(propagators.value, ",") {
		switch strings.TrimSpace(name) {
		case "tracecontext":
			s.propagator = propagation.TraceContext{}
		case "baggage", "none":
		default:
			return propagators.wrong("tracecontext, baggage, both with a comma between, or none")
		}
	}
	return nil
}

// checkResource is for what the SDK reads, and leaves out where it is wrong.
func checkResource() error {
	return eachPair(firstSet("OTEL_RESOURCE_ATTRIBUTES"), func(name, _ string) error {
		if name == "" {
			return errors.New("no name")
		}
		return nil
	})
}

// checkNumbers is for what the SDK reads, and takes the default of where it is wrong.
func checkNumbers() error {
	for _, name := range []string{"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"} {
		number := firstSet(name)
		if n, err := strconv.ParseInt(number.value, 10, 32); number.value != "" && (err != nil || n <= 0) {
			return number.wrong("a whole number above 0")
		}
	}
	return nil
}
