package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry/otlptest"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

const (
	clientsTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	clientsSpan  = "00f067aa0ba902b7"
)

// wire is between the service and its database: it notes what is sent, and may answer in
// the database's place.
type wire struct {
	*httptest.Server

	mu     sync.Mutex
	sent   []http.Header
	refuse func(operation string, nth int) (status int, kind string) // 0: the database answers
	asked  map[string]int
}

func newWire(t *testing.T, endpoint string) *wire {
	t.Helper()
	database, err := url.Parse(endpoint)
	require.NoError(t, err)
	w := &wire{asked: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(database)
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.mu.Lock()
		w.sent = append(w.sent, r.Header.Clone())
		w.asked[operation]++
		nth, refuse := w.asked[operation], w.refuse
		w.mu.Unlock()
		if refuse != nil {
			if status, kind := refuse(operation, nth); status != 0 {
				rw.Header().Set("Content-Type", "application/x-amz-json-1.0")
				rw.WriteHeader(status)
				_, _ = io.WriteString(rw, `{"__type":"com.amazonaws.dynamodb.v20120810#`+kind+`","message":"No."}`)
				return
			}
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// from now on the wire refuses, and counts anew.
func (w *wire) from(refuse func(operation string, nth int) (int, string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse, w.asked, w.sent = refuse, map[string]int{}, nil
}

// traced starts the service with a receiver of its spans, which come at once.
func traced(t *testing.T, endpoint, table string, more ...string) (*api, *otlptest.Receiver) {
	t.Helper()
	receiver := otlptest.Start(t, nil)
	variables := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL, "OTEL_BSP_SCHEDULE_DELAY=1"}
	return start(t, environ(endpoint, table, slices.Concat(variables, more)...)), receiver
}

func send(t *testing.T, method, url, body string, headers ...string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// wait is for the spans of a request: that of the server ends last.
func wait(t *testing.T, receiver *otlptest.Receiver, request string) (server otlptest.Span, calls []otlptest.Span) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	is := func(span otlptest.Span) bool {
		return span.Attribute("http.response.header.x-request-id") == "["+request+"]"
	}
	all := receiver.Wait(ctx, t, func(spans []otlptest.Span) bool { return slices.ContainsFunc(spans, is) })
	server = all[slices.IndexFunc(all, is)]
	for _, span := range all {
		if hex.EncodeToString(span.GetParentSpanId()) == hex.EncodeToString(server.GetSpanId()) {
			calls = append(calls, span)
		}
	}
	return server, calls
}

const falafel = `{"rating": 4.5, "visited_at": "2026-11-20T12:30:00Z", "cost": 8.5, "comment": "for my eyes only"}`

// From the client's traceparent to DynamoDB's, a request is one trace.
func TestARequestIsOneTrace(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		table := db.Table(t, store.Definition(""))
		wire := newWire(t, db.Endpoint)
		a, receiver := traced(t, wire.URL, table, "FALAFEL_RELEASE=blue")
		wire.from(nil)
		status := send(t, http.MethodPost, a.public+"/v1/restaurants/Habibi/reviews", falafel,
			"traceparent", "00-"+clientsTrace+"-"+clientsSpan+"-01", "X-Request-Id", "mine", "Idempotency-Key", "key-of-mine",
			"Authorization", "Bearer of-mine", "Cookie", "session=of-mine")
		require.Equal(t, http.StatusCreated, status)

		server, calls := wait(t, receiver, "mine")
		assert.Equal(t, "POST /v1/restaurants/{restaurant}/reviews", server.GetName())
		assert.Equal(t, clientsTrace, hex.EncodeToString(server.GetTraceId()))
		assert.Equal(t, clientsSpan, hex.EncodeToString(server.GetParentSpanId()))
		assert.Equal(t, tracepb.Span_SPAN_KIND_SERVER, server.GetKind())
		assert.Equal(t, "201", server.Attribute("http.response.status_code"))
		assert.Equal(t, "blue", otlptest.Attribute(server.Resource.GetAttributes(), "deployment.name"))

		require.Len(t, calls, 2)
		for i, want := range []map[string]string{
			{
				"rpc.method": "DynamoDB/GetItem", "db.operation.name": "GetItem", "falafel.access_pattern": "summary of a restaurant before a change",
				"aws.dynamodb.consumed_capacity": `[{"TableName":"` + table + `","CapacityUnits":1}]`, "aws.dynamodb.consistent_read": "true",
				"aws.dynamodb.table_names": "[" + table + "]",
			},
			{
				"rpc.method": "DynamoDB/TransactWriteItems", "db.operation.name": "TransactWriteItems", "falafel.access_pattern": "create a review", "db.operation.batch.size": "3",
			},
		} {
			call := calls[i]
			for key, value := range want {
				assert.Equal(t, value, call.Attribute(key), key)
			}
			assert.Equal(t, strings.Replace(want["rpc.method"], "/", ".", 1), call.GetName())
			assert.Equal(t, tracepb.Span_SPAN_KIND_CLIENT, call.GetKind())
			assert.Equal(t, tracepb.Status_STATUS_CODE_UNSET, call.GetStatus().GetCode())
			assert.Equal(t, clientsTrace, hex.EncodeToString(call.GetTraceId()))
			assert.Equal(t, "aws.dynamodb", call.Attribute("db.system.name"))
			assert.Equal(t, table, call.Attribute("db.collection.name"))
			assert.Equal(t, "200", call.Attribute("http.response.status_code"))
			assert.NotEmpty(t, call.Attribute("aws.request_id"))
			assert.Contains(t, call.Attribute("aws.dynamodb.consumed_capacity"), `"CapacityUnits":`)
			assert.Empty(t, call.Attribute("http.request.resend_count"))

			assert.Equal(t, "00-"+clientsTrace+"-"+hex.EncodeToString(call.GetSpanId())+"-01", wire.sent[i].Get("Traceparent"))
			assert.NotContains(t, wire.sent[i].Get("Authorization"), "traceparent", "what is between may change it, and the signature would break")
		}

		var line struct {
			Msg     string
			TraceID string `json:"trace_id"`
			SpanID  string `json:"span_id"`
		}
		require.NoError(t, json.Unmarshal([]byte(a.awaitLine(t, `"request_id":"mine"`)), &line))
		assert.Equal(t, "request", line.Msg)
		assert.Equal(t, clientsTrace, line.TraceID)
		assert.Equal(t, hex.EncodeToString(server.GetSpanId()), line.SpanID)

		for _, request := range receiver.Requests() {
			for _, private := range []string{secret, "for my eyes only", "2026-11-20", "key-of-mine", "of-mine", "RESTAURANT#", "SUMMARY"} {
				assert.NotContains(t, string(request.Body), private)
			}
		}
	})
}

// A client that is not traced is not, and a stop sends what is left.
func TestTheParentDecidesAndAStopSendsTheRest(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		a, receiver := traced(t, db.Endpoint, db.Table(t, store.Definition("")), "OTEL_BSP_SCHEDULE_DELAY=3600000")
		const list = "/v1/reviews"
		send(t, http.MethodGet, a.public+list, "", "traceparent", "00-"+clientsTrace+"-"+clientsSpan+"-00", "X-Request-Id", "not")
		send(t, http.MethodGet, a.public+list, "", "traceparent", "00-"+clientsTrace+"-"+clientsSpan+"-01", "X-Request-Id", "sampled")
		send(t, http.MethodGet, a.public+list, "", "X-Request-Id", "alone")
		status, _ := get(t, a.operations+"/readyz")
		assert.Equal(t, http.StatusOK, status)
		assert.Empty(t, receiver.Requests(), "not before the hour is over")
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		require.NoError(t, <-a.exited)
		var servers, calls []string
		for _, span := range receiver.Spans() {
			if span.GetKind() == tracepb.Span_SPAN_KIND_SERVER {
				servers = append(servers, span.Attribute("http.response.header.x-request-id"))
			} else {
				calls = append(calls, span.Attribute("falafel.access_pattern"))
			}
		}
		assert.ElementsMatch(t, []string{"[sampled]", "[alone]"}, servers)
		assert.Len(t, calls, 2*store.Shards, "of both requests; none of readiness, or of the start")
		assert.Contains(t, a.lines(), `"request_id":"not","trace_id":"`+clientsTrace+`"`)
	})
}

// An attempt that failed is in the span of its call, and so is the error that was left.
func TestFailuresAreInTheTrace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refuse    func(operation string, nth int) (int, string)
		status    int
		errorType string // of the call; "" is none
		attempts  []string
		resent    string
	}{
		"a throttled attempt": {
			refuse: func(operation string, nth int) (int, string) {
				if operation == "GetItem" && nth <= 2 {
					return http.StatusBadRequest, "ProvisionedThroughputExceededException"
				}
				return 0, ""
			},
			status: http.StatusNotFound, attempts: []string{"ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException"}, resent: "2",
		},
		"an outage": {
			refuse: func(string, int) (int, string) { return http.StatusInternalServerError, "InternalServerError" },
			status: http.StatusServiceUnavailable, errorType: "InternalServerError", attempts: slices.Repeat([]string{"InternalServerError"}, 5), resent: "4",
		},
		"a refusal": {
			refuse: func(string, int) (int, string) { return http.StatusBadRequest, "AccessDeniedException" },
			status: http.StatusServiceUnavailable, errorType: "AccessDeniedException", attempts: []string{"AccessDeniedException"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
				wire := newWire(t, db.Endpoint)
				a, receiver := traced(t, wire.URL, db.Table(t, store.Definition("")))
				wire.from(test.refuse)
				status := send(t, http.MethodGet, a.public+"/v1/restaurants/Habibi/reviews/01a22e2e-519d-73ea-a82e-41f296f43136", "", "X-Request-Id", "mine")
				require.Equal(t, test.status, status)
				server, calls := wait(t, receiver, "mine")
				require.Len(t, calls, 1)
				failed := test.errorType != ""
				assert.Equal(t, failed, server.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR)
				assert.Equal(t, failed, calls[0].GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR)
				assert.Equal(t, test.errorType, calls[0].Attribute("error.type"))
				assert.Equal(t, test.resent, calls[0].Attribute("http.request.resend_count"))
				var attempts []string
				for _, event := range calls[0].GetEvents() {
					assert.Equal(t, "attempt failed", event.GetName())
					attempts = append(attempts, otlptest.Attribute(event.GetAttributes(), "error.type"))
				}
				assert.Equal(t, test.attempts, attempts)
			})
		})
	}
}

// Requests do not notice that nobody takes their spans, and neither does a stop.
func TestWithoutAReceiverAllIsAsBefore(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		a := start(t, environ(db.Endpoint, db.Table(t, store.Definition("")), "OTEL_EXPORTER_OTLP_ENDPOINT="+gone.URL, "OTEL_BSP_SCHEDULE_DELAY=1"))
		for range 50 {
			status := send(t, http.MethodGet, a.public+"/v1/reviews", "")
			require.Equal(t, http.StatusOK, status)
		}
		began := time.Now()
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		require.NoError(t, <-a.exited)
		assert.Less(t, time.Since(began), 5*time.Second)
		assert.Equal(t, 1, strings.Count(a.lines(), "traces are lost"), a.lines())
		assert.Empty(t, a.stderr.String())
	})
}

func TestAWrongVariableOfTracingStopsTheStart(t *testing.T) {
	t.Parallel()
	command := command(t, environ("http://127.0.0.1:1", "Reviews", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"))
	output, err := command.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, `api: OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", but must be http/protobuf, which collectors take on port 4318: gRPC and JSON are not linked in`+"\n", string(output))
}
