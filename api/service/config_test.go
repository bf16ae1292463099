package service_test

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

func TestAnEmptyEnvironmentGivesTheDefaults(t *testing.T) {
	t.Parallel()
	config, err := service.ReadConfig(nil)
	require.NoError(t, err)
	assert.Equal(t, service.Config{
		Table: "FalafelReviews", Addr: ":3000", MetricsAddr: ":5050",
		LogLevel: slog.LevelInfo, LogFormat: telemetry.JSON,
		RequestTimeout: 10 * time.Second, ShutdownTimeout: 20 * time.Second,
		Docs: true,
	}, config)
}

func TestEveryVariableIsRead(t *testing.T) {
	t.Parallel()
	config, err := service.ReadConfig([]string{
		"FALAFEL_TABLE=T", "FALAFEL_ADDR=127.0.0.1:1", "FALAFEL_METRICS_ADDR=[::1]:2", "FALAFEL_LOG_LEVEL=debug", "FALAFEL_LOG_FORMAT=text",
		"FALAFEL_REQUEST_TIMEOUT=3s", "FALAFEL_SHUTDOWN_DELAY=5s", "FALAFEL_SHUTDOWN_TIMEOUT=1m", "FALAFEL_CORS_ORIGINS=https://a.example,http://localhost:*",
		"FALAFEL_DOCS=false", "FALAFEL_RELEASE=sha256:0f1e", "FALAFEL_EMF_NAMESPACE=Falafel/prod",
	})
	require.NoError(t, err)
	assert.Equal(t, service.Config{
		Table: "T", Addr: "127.0.0.1:1", MetricsAddr: "[::1]:2", LogLevel: slog.LevelDebug, LogFormat: telemetry.Text,
		RequestTimeout: 3 * time.Second, ShutdownDelay: 5 * time.Second, ShutdownTimeout: time.Minute,
		CORSOrigins: []string{"https://a.example", "http://localhost:*"}, Release: "sha256:0f1e", EMFNamespace: "Falafel/prod",
	}, config)
	assert.Equal(t, 70*time.Second, config.StopTimeout())
}

func TestVariablesAreAllThatIsRead(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"FALAFEL_ADDR": "127.0.0.1:1", "FALAFEL_METRICS_ADDR": "127.0.0.1:2", "FALAFEL_LOG_LEVEL": "warn", "FALAFEL_LOG_FORMAT": "text",
		"FALAFEL_CORS_ORIGINS": "https://a.example", "FALAFEL_DOCS": "false",
	}
	defaults, err := service.ReadConfig(nil)
	require.NoError(t, err)
	var environ []string
	for _, variable := range service.Variables() {
		assert.NotEmpty(t, variable.Type, variable.Name)
		assert.NotEmpty(t, variable.Description, variable.Name)
		environ = append(environ, variable.Name+"="+variable.Default)
		value := values[variable.Name]
		switch {
		case value != "":
		case variable.Type == "duration":
			value = "7s"
		default:
			value = "other"
		}
		config, err := service.ReadConfig([]string{variable.Name + "=" + value})
		require.NoError(t, err)
		assert.NotEqual(t, defaults, config, "%s is not read", variable.Name)
	}
	config, err := service.ReadConfig(environ)
	require.NoError(t, err)
	assert.Equal(t, defaults, config, "the defaults, said aloud")
}

func TestThePortsAreThoseOfTheDefaultAddresses(t *testing.T) {
	t.Parallel()
	config, err := service.ReadConfig(nil)
	require.NoError(t, err)
	assert.Equal(t, ":"+strconv.Itoa(service.Port), config.Addr)
	assert.Equal(t, ":"+strconv.Itoa(service.MetricsPort), config.MetricsAddr)
}

func TestABadValueNamesItsVariable(t *testing.T) {
	t.Parallel()
	for variable, values := range map[string][]string{
		"FALAFEL_TABLE":            {" "},
		"FALAFEL_ADDR":             {"3000", "localhost", "localhost:"},
		"FALAFEL_METRICS_ADDR":     {"5050"},
		"FALAFEL_LOG_LEVEL":        {"loud"},
		"FALAFEL_LOG_FORMAT":       {"xml"},
		"FALAFEL_REQUEST_TIMEOUT":  {"10", "soon", "0s", "-1s"},
		"FALAFEL_SHUTDOWN_DELAY":   {"-1s"},
		"FALAFEL_SHUTDOWN_TIMEOUT": {"0"},
		"FALAFEL_DOCS":             {"maybe"},
		"FALAFEL_RELEASE":          {"a b", "é", "a\nb", strings.Repeat("x", 129)},
		"FALAFEL_EMF_NAMESPACE":    {"AWS/ECS", "a b", "é", "a,b", strings.Repeat("x", 256)},
		"FALAFEL_CORS_ORIGINS":     {"example.com", "https://a.example/path", "https://a.example,nonsense", "https://a.example:*/path", ":*"},
	} {
		for _, value := range values {
			_, err := service.ReadConfig([]string{variable + "=" + value})
			require.ErrorContains(t, err, variable, "%q", value)
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, err.Error(), "Config")
		}
	}
}
