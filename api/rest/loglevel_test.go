package rest_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

func TestTheLevelOfTheLogIsShownAndChanged(t *testing.T) {
	t.Parallel()
	var level slog.LevelVar
	operations := rest.NewOperations(telemetry.NewMetrics(telemetry.Build{}), func(context.Context) error { return errors.New("unused") }, &level)
	asks := func(method, body string) (status int, answer string) {
		out := httptest.NewRecorder()
		operations.ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), method, "/log-level", strings.NewReader(body)))
		return out.Code, out.Body.String()
	}
	status, answer := asks(http.MethodGet, "")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "{\"level\":\"INFO\"}\n", answer)
	for body, want := range map[string]slog.Level{
		`{"level":"debug"}`: slog.LevelDebug, `{"level":"WARN"}`: slog.LevelWarn, `{"level" : "Error"}`: slog.LevelError, `{"level":"info"}`: slog.LevelInfo,
	} {
		status, answer = asks(http.MethodPut, body)
		assert.Equal(t, http.StatusOK, status, body)
		assert.Equal(t, "{\"level\":\""+want.String()+"\"}\n", answer)
		assert.Equal(t, want, level.Level())
	}
	level.Set(slog.LevelWarn)
	for _, body := range []string{
		"", "null", "{}", `"debug"`, `[]`, `{"level":null}`, `{"level":""}`, `{"level":"loud"}`, `{"level":"INFO+2"}`, `{"level":4}`, `{"level":"debug","level":"info"}`,
		`{"level":"debug","other":1}`, `{"Level":"debug"}`, `{"level":"debug"} x`, `{"level":"` + strings.Repeat("x", 2000) + `"}`, "level=debug",
	} {
		status, answer = asks(http.MethodPut, body)
		assert.Equal(t, http.StatusBadRequest, status, body)
		assert.Regexp(t, `^[^\n]{1,100}\n$`, answer, "one sentence")
		assert.Equal(t, slog.LevelWarn, level.Level(), body)
	}
	for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodPatch} {
		status, _ = asks(method, `{"level":"debug"}`)
		assert.Equal(t, http.StatusMethodNotAllowed, status)
	}
}

// The change of the level is told on every level, and what follows it.
func TestALoggerFollowsItsLevel(t *testing.T) {
	t.Parallel()
	var level slog.LevelVar
	var out bytes.Buffer
	logger := slog.New(telemetry.Sampled(telemetry.NewLogger(&out, telemetry.JSON, &level).Handler(), nil))
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		level.Set(l)
		out.Reset()
		logger.Debug("D")
		logger.Info("I")
		logger.Warn("W")
		logger.Error("E")
		assert.Equal(t, 1+int(slog.LevelError-l)/4, strings.Count(out.String(), "\n"))
	}
}
