package service

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// Config is what the service reads from the environment, beside the standard AWS
// variables (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, the credentials).
type Config struct {
	Table           string              `env:"FALAFEL_TABLE" envDefault:"FalafelReviews"`
	Addr            string              `env:"FALAFEL_ADDR" envDefault:":3000"`
	MetricsAddr     string              `env:"FALAFEL_METRICS_ADDR" envDefault:":5050"`   // never exposed to the internet
	LogLevel        slog.Level          `env:"FALAFEL_LOG_LEVEL" envDefault:"info"`       // debug, info, warn, error
	LogFormat       telemetry.LogFormat `env:"FALAFEL_LOG_FORMAT" envDefault:"json"`      // json, text
	RequestTimeout  time.Duration       `env:"FALAFEL_REQUEST_TIMEOUT" envDefault:"10s"`  // from a request's header to its answer
	ShutdownDelay   time.Duration       `env:"FALAFEL_SHUTDOWN_DELAY" envDefault:"0s"`    // between not being ready and closing the listener
	ShutdownTimeout time.Duration       `env:"FALAFEL_SHUTDOWN_TIMEOUT" envDefault:"20s"` // for requests in flight to end
	CORSOrigins     []string            `env:"FALAFEL_CORS_ORIGINS" envSeparator:","`     // that browsers may call from, such as https://example.com
	Docs            bool                `env:"FALAFEL_DOCS" envDefault:"true"`            // the page at /docs
}

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
	for _, origin := range c.CORSOrigins {
		u, err := url.Parse(strings.TrimSuffix(origin, ":*")) // any port
		if origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "") {
			return fmt.Errorf("FALAFEL_CORS_ORIGINS has %q, but an origin is scheme://host, such as https://example.com or http://localhost:*", origin)
		}
	}
	return nil
}
