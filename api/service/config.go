package service

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// The ports that the service listens on by default, which are those of its image.
const (
	Port        = 3000 // the API
	MetricsPort = 5050 // what operators ask; never exposed to the internet
)

// Config is what the service reads from the environment, beside the standard AWS
// variables (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, the credentials). The tag help is for
// [Variables].
type Config struct {
	Table           string              `env:"FALAFEL_TABLE" envDefault:"FalafelReviews" help:"The DynamoDB table."`
	Addr            string              `env:"FALAFEL_ADDR" envDefault:":3000" help:"Where the API listens: host:port or :port."`
	MetricsAddr     string              `env:"FALAFEL_METRICS_ADDR" envDefault:":5050" help:"Where metrics, liveness and readiness are; never exposed to the internet."`
	LogLevel        slog.Level          `env:"FALAFEL_LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error."`
	LogFormat       telemetry.LogFormat `env:"FALAFEL_LOG_FORMAT" envDefault:"json" help:"json or text."`
	RequestTimeout  time.Duration       `env:"FALAFEL_REQUEST_TIMEOUT" envDefault:"10s" help:"From a request's header to its answer."`
	ShutdownDelay   time.Duration       `env:"FALAFEL_SHUTDOWN_DELAY" envDefault:"0s" help:"Between not being ready and closing the listener."`
	ShutdownTimeout time.Duration       `env:"FALAFEL_SHUTDOWN_TIMEOUT" envDefault:"20s" help:"For requests in flight to end."`
	CORSOrigins     []string            `env:"FALAFEL_CORS_ORIGINS" envSeparator:"," help:"Origins that browsers may call from, such as https://example.com, separated by commas."`
	EMFNamespace    string              `env:"FALAFEL_EMF_NAMESPACE" help:"CloudWatch namespace to write metrics to, in the log, as embedded metric format; empty: none."`
	Docs            bool                `env:"FALAFEL_DOCS" envDefault:"true" help:"Whether there is a page at /docs."`
	Release         string              `env:"FALAFEL_RELEASE" help:"What this deployment is called: GET /status gives it back in X-Release."`
}

// isRelease holds for what can be the value of a header.
var isRelease = regexp.MustCompile(`^[\x21-\x7e]{0,128}$`)

// stopMargin is for what a stop does beside waiting: it is a matter of milliseconds, on a
// machine that may be busy.
const stopMargin = 5 * time.Second

// StopTimeout is how long whoever sent SIGTERM should wait before SIGKILL.
func (c Config) StopTimeout() time.Duration { return c.ShutdownDelay + c.ShutdownTimeout + stopMargin }

// ReadConfig reads the environment, given as "NAME=value" lines. Its error is one
// sentence that names the variable.
func ReadConfig(environ []string) (Config, error) {
	var config Config
	err := env.ParseWithOptions(&config, env.Options{Environment: env.ToMap(environ)})
	if unreadable, ok := errors.AsType[env.ParseError](err); ok {
		field, _ := reflect.TypeFor[Config]().FieldByName(unreadable.Name)
		return Config{}, fmt.Errorf("%s is not understood: %w", field.Tag.Get("env"), unreadable.Err)
	}
	if err != nil {
		return Config{}, err
	}
	return config, config.check()
}

func (c Config) check() error {
	for name, addr := range map[string]string{"FALAFEL_ADDR": c.Addr, "FALAFEL_METRICS_ADDR": c.MetricsAddr} {
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			return fmt.Errorf(`%s is %q, but must be host:port or :port, such as ":3000"`, name, addr)
		}
	}
	for name, d := range map[string]time.Duration{"FALAFEL_REQUEST_TIMEOUT": c.RequestTimeout, "FALAFEL_SHUTDOWN_TIMEOUT": c.ShutdownTimeout} {
		if d <= 0 {
			return fmt.Errorf("%s is %s, but must be above 0, such as 10s", name, d)
		}
	}
	if c.ShutdownDelay < 0 {
		return fmt.Errorf("FALAFEL_SHUTDOWN_DELAY is %s, but must not be negative", c.ShutdownDelay)
	}
	if strings.TrimSpace(c.Table) == "" {
		return errors.New("FALAFEL_TABLE is empty, but must name a DynamoDB table")
	}
	if !isRelease.MatchString(c.Release) {
		return fmt.Errorf("FALAFEL_RELEASE is %q, but must be up to 128 printable ASCII characters without a space, such as an image's digest", c.Release)
	}
	if c.EMFNamespace != "" && !telemetry.ValidNamespace(c.EMFNamespace) {
		return fmt.Errorf("FALAFEL_EMF_NAMESPACE is %q, but must be a CloudWatch namespace: up to 255 of A-Z a-z 0-9 . _ / # : -, and not AWS/…, which is AWS's own", c.EMFNamespace)
	}
	for _, origin := range c.CORSOrigins {
		u, err := url.Parse(strings.TrimSuffix(origin, ":*")) // any port
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "") {
			return fmt.Errorf("FALAFEL_CORS_ORIGINS has %q, but an origin is scheme://host, such as https://example.com or http://localhost:*", origin)
		}
	}
	return nil
}
