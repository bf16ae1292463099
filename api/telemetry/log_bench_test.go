package telemetry_test

import (
	"io"
	"log/slog"
	"testing"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// accessLine is the line of one request, as api/rest writes it.
func accessLine(t testing.TB, logger *slog.Logger) func() {
	t.Helper()
	ctx := telemetry.WithRequest(t.Context(), &telemetry.Request{
		ID: "019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21", TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7",
	})
	return func() {
		logger.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("method", "GET"), slog.String("route", "/v1/restaurants/{restaurant}/reviews"), slog.Int("status", 200),
			slog.Float64("duration_ms", 1.234), slog.Int64("bytes", 8123))
	}
}

func BenchmarkAccessLine(b *testing.B) {
	for name, logger := range map[string]*slog.Logger{
		"plain slog": slog.New(slog.NewJSONHandler(io.Discard, nil)), //nolint:sloglint // the writing of JSON is measured
		"ours":       telemetry.NewLogger(io.Discard, telemetry.JSON, slog.LevelInfo),
		"sampled":    slog.New(telemetry.Sampled(telemetry.NewLogger(io.Discard, telemetry.JSON, slog.LevelInfo).Handler(), nil)),
	} {
		b.Run(name, func(b *testing.B) {
			line := accessLine(b, logger)
			b.ReportAllocs()
			for b.Loop() {
				line()
			}
		})
	}
}
