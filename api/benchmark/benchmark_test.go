package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

const (
	path = "/v1/restaurants/" + restaurant + "/reviews"
	body = `{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"comment":"Crisp outside, green inside, and the sauce is worth the queue."}`
)

// BenchmarkCreate adds a review: GetItem, then TransactWriteItems.
func BenchmarkCreate(b *testing.B) { sideBySide(b, http.MethodPost, body, http.StatusCreated) }

// BenchmarkList lists the twenty reviews of a restaurant: one Query.
func BenchmarkList(b *testing.B) { sideBySide(b, http.MethodGet, "", http.StatusOK) }

// sideBySide measures a request through each server's handler. There is no network
// in it, on either side: what that costs, ./load measures.
func sideBySide(b *testing.B, method, body string, want int) {
	b.Helper()
	for _, server := range servers(b) {
		b.Run(server.name, func(b *testing.B) {
			request := httptest.NewRequest(method, path, http.NoBody)
			request.Header.Set("Content-Type", "application/json")
			request.ContentLength = int64(len(body))
			b.ReportAllocs()
			for b.Loop() {
				request.Body = io.NopCloser(strings.NewReader(body))
				w := httptest.NewRecorder()
				server.handler.ServeHTTP(w, request)
				if w.Code != want {
					b.Fatalf("%s answered %d: %s", server.name, w.Code, w.Body)
				}
			}
		})
	}
}

// The servers must answer the same for their cost to be compared.
func TestPeersAnswerAlike(t *testing.T) {
	for _, server := range servers(t) {
		w := httptest.NewRecorder()
		server.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		var listed page
		if err := json.Unmarshal(w.Body.Bytes(), &listed); err != nil || len(listed.Items) != pageSize || listed.Items[1].Cost != 8.6 {
			t.Errorf("%s lists %+v (%v), want %d reviews", server.name, listed.Items, err, pageSize)
		}
		request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		w = httptest.NewRecorder()
		server.handler.ServeHTTP(w, request)
		var made review
		if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated || made.Rating != 4.5 || made.Currency != "EUR" {
			t.Errorf("%s creates %+v (%d, %v)", server.name, made, w.Code, err)
		}
	}
}

type server struct {
	name    string
	handler http.Handler
}

// servers are those that are compared, with the instant DynamoDB in place of the
// network.
func servers(tb testing.TB) []server {
	tb.Helper()
	for name, value := range map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_ENDPOINT_URL_DYNAMODB": "http://localhost:8000",
		"AWS_CONFIG_FILE":           tb.TempDir() + "/none", "AWS_SHARED_CREDENTIALS_FILE": tb.TempDir() + "/none",
	} {
		tb.Setenv(name, value)
	}
	ctx := tb.Context()
	fake, err := newInstant()
	check(tb, err)
	floor, err := newFloor(ctx, fake)
	check(tb, err)
	bare, err := newBare(ctx, fake)
	check(tb, err)

	service := newService(tb, fake, telemetry.NewMetrics(telemetry.Build{}), nil)
	logTo(tb, telemetry.NewLogger(io.Discard, telemetry.JSON, slog.LevelInfo))

	return []server{{"floor", newPeer(floor)}, {"bare", newPeer(bare)}, {"service", service}}
}

// newService is what package service wires, with or without metrics and traces.
func newService(tb testing.TB, database http.RoundTripper, metrics *telemetry.Metrics, tracing *telemetry.Tracing) http.Handler {
	tb.Helper()
	client, err := store.Connect(tb.Context())
	check(tb, err)
	reviews, err := store.Open(tb.Context(), dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.HTTPClient = &http.Client{Transport: database}
	}), table, metrics, tracing)
	check(tb, err)
	service, err := rest.New(reviews, rest.Options{CursorKey: make([]byte, 16), Metrics: metrics, Tracing: tracing, Timeout: 10 * time.Second})
	check(tb, err)
	return service
}

func logTo(tb testing.TB, logger *slog.Logger) {
	tb.Helper()
	before := slog.Default()
	tb.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(logger)
}

// Metrics, a log line and a trace that is not kept are a small part of what a request
// allocates, and stay that.
func TestWhatTelemetryAllocates(t *testing.T) {
	servers(t) // for the environment
	fake, err := newInstant()
	check(t, err)
	unkept := telemetry.NewTracing(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())))
	silent, telling, tracing := newService(t, fake, nil, nil), newService(t, fake, telemetry.NewMetrics(telemetry.Build{}), nil),
		newService(t, fake, telemetry.NewMetrics(telemetry.Build{}), unkept)
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		allocations := func(handler http.Handler) float64 {
			return testing.AllocsPerRun(200, func() {
				request := httptest.NewRequest(method, path, strings.NewReader(body))
				request.Header.Set("Content-Type", "application/json")
				handler.ServeHTTP(httptest.NewRecorder(), request)
			})
		}
		logTo(t, slog.New(slog.DiscardHandler))
		without := allocations(silent)
		logTo(t, telemetry.NewLogger(io.Discard, telemetry.JSON, slog.LevelInfo))
		with, traced := allocations(telling), allocations(tracing)
		t.Logf("%s: %.0f allocations without, %.0f with metrics and log, %.0f with a trace that is not kept", method, without, with, traced)
		if with-without > 40 {
			t.Errorf("%s: metrics and log allocate %.0f times a request (%.0f without, %.0f with)", method, with-without, without, with)
		}
		if traced-with > 20 {
			t.Errorf("%s: a trace that is not kept allocates %.0f times a request (%.0f without, %.0f with)", method, traced-with, with, traced)
		}
	}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
