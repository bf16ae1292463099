package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// hush is what must not be written.
const hush = "hushHUSH0123456789"

type valuer struct{ secret string }

func (v valuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", "Ada"), slog.String("password", v.secret))
}

func TestSecretsAreNotWritten(t *testing.T) {
	t.Parallel()
	header := http.Header{"Authorization": {"Bearer " + hush}, "X-Amz-Security-Token": {hush}, "Accept": {"*/*"}}
	withUser := url.URL{Scheme: "https", User: url.UserPassword("ada", hush), Host: "collector.example"}
	for name, log := range map[string]func(*slog.Logger){
		"the name of a value": func(l *slog.Logger) {
			for _, name := range []string{
				"authorization", "Authorization", "PROXY-AUTHORIZATION", "cookie", "Set-Cookie", "password", "db_password", "secret", "client-secret",
				"token", "x-amz-security-token", "access_key", "accessKeyID", "AWS_SECRET_ACCESS_KEY", "session", "session_id", "idempotency-key", "Idempotency-Key",
				"credentials", "api_key", "X-Api-Key", "signature", "private key",
			} {
				l.Info("m", name, hush)
			}
		},
		"in a group":               func(l *slog.Logger) { l.Info("m", slog.Group("headers", "accept", "*/*", "cookie", hush)) },
		"in a group of groups":     func(l *slog.Logger) { l.Info("m", slog.Group("a", slog.Group("b", slog.String("token", hush)))) },
		"a group with such a name": func(l *slog.Logger) { l.Info("m", slog.Group("credentials", "value", hush, "n", 1)) },
		"a logger that keeps it":   func(l *slog.Logger) { l.With("session", hush).Info("m") },
		"a logger with a group":    func(l *slog.Logger) { l.WithGroup("cookie").Info("m", "value", hush) },
		"behind a LogValuer":       func(l *slog.Logger) { l.Info("m", "user", valuer{hush}) },
		"in bytes":                 func(l *slog.Logger) { l.Info("m", "secret", []byte(hush)) },
		"in a header":              func(l *slog.Logger) { l.Info("m", "header", header) },
		"in a map of maps": func(l *slog.Logger) {
			l.Info("m", "request", map[string]any{"a": []any{map[string]any{"apiKey": hush}}})
		},
		"in a struct":        func(l *slog.Logger) { l.Info("m", "config", struct{ Password, Name string }{hush, "n"}) },
		"in what is no JSON": func(l *slog.Logger) { l.Info("m", "v", struct{ Password, F any }{hush, func() {}}) },
		"in an error's text": func(l *slog.Logger) {
			l.Info("m", "error", fmt.Errorf("a: %w", errors.New("authorization: Bearer "+hush)))
		},
		"in a panic's text":           func(l *slog.Logger) { l.Error("panic", "error", `password="`+hush+`"`) },
		"in a URL":                    func(l *slog.Logger) { l.Info("m", "endpoint", "https://ada:"+hush+"@collector.example/x") },
		"in a URL that is a Stringer": func(l *slog.Logger) { l.Info("m", "endpoint", &withUser) },
		"in a query":                  func(l *slog.Logger) { l.Info("m", "text", "GET /?X-Amz-Signature="+hush+"&a=1") },
		"in JSON that is a text":      func(l *slog.Logger) { l.Info("m", "text", `{"access_token":"`+hush+`","a":1}`) },
		"in HTTP's header lines":      func(l *slog.Logger) { l.Info("m", "text", "host:a\nx-amz-security-token:"+hush+"\n\nhost") },
		"basic authentication":        func(l *slog.Logger) { l.Info("m", "text", "sent Basic "+hush+"== to it") },
		"signature version 4": func(l *slog.Logger) {
			l.Info("m", "text", "Authorization: AWS4-HMAC-SHA256 Credential="+hush+"/20261130/eu/dynamodb/aws4_request, SignedHeaders=host, Signature="+hush)
		},
		"in the message": func(l *slog.Logger) { l.Info("http: bad cookie: " + hush) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []telemetry.LogFormat{telemetry.JSON, telemetry.Text} {
				var out bytes.Buffer
				log(telemetry.NewLogger(&out, format, slog.LevelDebug))
				assert.NotContains(t, out.String(), hush)
				assert.Contains(t, out.String(), "[redacted]")
			}
		})
	}
}

func TestAccessKeysAreNotWrittenWhateverTheyAreCalled(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"} {
		for _, text := range []string{id, "the key " + id + ".", "(" + id + ")", `{"id":"` + id + `"}`} {
			for _, value := range []any{text, errors.New(text), []string{text}, map[string]string{"x": text}} {
				var out bytes.Buffer
				telemetry.NewLogger(&out, telemetry.JSON, slog.LevelInfo).Info("m", "status", value)
				assert.NotContains(t, out.String(), id)
			}
		}
	}
}

func TestWhatIsNoSecretIsWrittenAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"operation error DynamoDB: Query, exceeded maximum number of attempts, 5, https response error StatusCode: 400, RequestID: 1, ProvisionedThroughputExceededException: m",
		"failed to get rate limit token, retry quota exceeded, 3 available, 5 requested", "UnrecognizedClientException: The security token included in the request is invalid.",
		"ExpiredTokenException: The token has expired", "api error InvalidSignatureException: Signature expired",
		"dial tcp 127.0.0.1:1: connect: connection refused", "/v1/restaurants/{restaurant}/reviews/{id}", "http://127.0.0.1:8000/a?b=c", "a basic idea", "AKIA", "it is [1:2]",
	} {
		var out bytes.Buffer
		telemetry.NewLogger(&out, telemetry.JSON, slog.LevelInfo).Info("m", "error", errors.New(text), "text", text)
		assert.Equal(t, 2, strings.Count(out.String(), strings.ReplaceAll(text, `"`, `\"`)+`"`), out.String())
	}
	var out bytes.Buffer
	telemetry.NewLogger(&out, telemetry.JSON, slog.LevelInfo).Info("m", "list", []int{1}, "map", map[string]any{"a": 1.5, "b": nil}, "n", 1, "f", 1.5, "ok", true, "nothing", nil)
	assert.Contains(t, out.String(), `"list":[1],"map":{"a":1.5,"b":null},"n":1,"f":1.5,"ok":true,"nothing":null}`)
	for _, field := range telemetry.LogFields() {
		out.Reset()
		telemetry.NewLogger(&out, telemetry.JSON, slog.LevelInfo).Info("m", field.Name, "x")
		assert.NotContains(t, out.String(), "redacted", field.Name)
	}
}
