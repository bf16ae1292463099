package traces_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/traces"
)

const protobuf = "application/x-protobuf"

var began = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)

func text(value string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}
}

func nanoseconds(at time.Time) uint64 { return uint64(at.UnixNano()) }

// span is one as a program sends it: ids are of one byte, repeated.
func span(trace, id, parent byte, name string, from, took time.Duration) *tracepb.Span {
	s := &tracepb.Span{
		TraceId: bytes.Repeat([]byte{trace}, 16), SpanId: bytes.Repeat([]byte{id}, 8), Name: name,
		Kind:              tracepb.Span_SPAN_KIND_SERVER,
		StartTimeUnixNano: nanoseconds(began.Add(from)), EndTimeUnixNano: nanoseconds(began.Add(from + took)),
	}
	if parent != 0 {
		s.ParentSpanId = bytes.Repeat([]byte{parent}, 8)
	}
	return s
}

func batch(spans ...*tracepb.Span) *tracepb.TracesData {
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{Key: "service.name", Value: text("falafel-api")}}},
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}},
	}}}
}

func encode(t testing.TB, batch *tracepb.TracesData) []byte {
	t.Helper()
	content, err := proto.Marshal(batch)
	require.NoError(t, err)
	return content
}

func packed(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func send(b *traces.Buffer, mediaType, coding string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/traces", bytes.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	if coding != "" {
		r.Header.Set("Content-Encoding", coding)
	}
	w := httptest.NewRecorder()
	b.Receiver().ServeHTTP(w, r)
	return w
}

// What sends is the service's own exporter, with its variables.
func TestTheServiceSendsItsSpans(t *testing.T) {
	for _, compression := range []string{"gzip", "none"} {
		t.Run(compression, func(t *testing.T) {
			buffer := traces.NewBuffer(traces.Limits{})
			var mu sync.Mutex
			var told []string
			buffer.Notify(func(ids []string) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, ids...)
				buffer.Recent(1)
			})
			mux := http.NewServeMux()
			mux.Handle("/v1/traces", buffer.Receiver())
			server := httptest.NewServer(mux)
			defer server.Close()
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
			t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
			tracing, err := telemetry.StartTracing(t.Context(), telemetry.Build{Version: "1"})
			require.NoError(t, err)
			request := httptest.NewRequest(http.MethodGet, "/v1/reviews", http.NoBody)
			request.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
			request.Header.Set("Tracestate", "falafel=7")
			_, server1 := tracing.StartServer(t.Context(), request)
			server1.End(telemetry.Answer{Method: http.MethodGet, Route: "/v1/reviews", Status: http.StatusOK})
			require.NoError(t, tracing.Stop(t.Context()))

			spans := buffer.Trace("4bf92f3577b34da6a3ce929d0e0e4736")
			require.Len(t, spans, 1)
			assert.Equal(t, "GET /v1/reviews", spans[0].Name)
			assert.Equal(t, "server", spans[0].Kind)
			assert.Equal(t, "falafel-api", spans[0].Service)
			assert.Equal(t, "00f067aa0ba902b7", spans[0].ParentID)
			assert.Equal(t, "falafel=7", spans[0].TraceState)
			assert.EqualValues(t, http.StatusOK, spans[0].Attributes["http.response.status_code"])
			assert.WithinDuration(t, time.Now(), spans[0].Start, time.Minute)
			mu.Lock()
			assert.Equal(t, []string{"4bf92f3577b34da6a3ce929d0e0e4736"}, told)
			mu.Unlock()
		})
	}
}

func TestWhatIsNoBatchIsRefusedAsTheProtocolSays(t *testing.T) {
	t.Parallel()
	good := encode(t, batch(span(1, 1, 0, "x", 0, 1)))
	for _, test := range []struct {
		name, mediaType, coding string
		body                    []byte
		status                  int
		message                 string
	}{
		{"another type", "text/plain", "", good, 415, "spans are taken as application/x-protobuf or application/json"},
		{"no type", "", "", good, 415, "spans are taken as application/x-protobuf or application/json"},
		{"another coding", protobuf, "br", good, 415, `the body may be gzip, and not "br"`},
		{"no gzip", protobuf, "gzip", good, 400, "the body is not gzip, as Content-Encoding says"},
		{"half of gzip", protobuf, "gzip", packed(t, good)[:30], 400, "the body cannot be read to its end"},
		{"no Protobuf", protobuf, "", []byte("hello"), 400, "the body is no ExportTraceServiceRequest in application/x-protobuf"},
		{"no JSON", "application/json", "", []byte("hello"), 400, "the body is no ExportTraceServiceRequest in application/json"},
		{"another JSON", "application/json; charset=utf-8", "", []byte(`{"resourceSpans":1}`), 400, "the body is no ExportTraceServiceRequest in application/json"},
		{"too large", protobuf, "", make([]byte, 9<<20), 413, "a batch has at most 8388608 bytes"},
		{"too large when it is unpacked", protobuf, "gzip", packed(t, make([]byte, 9<<20)), 413, "a batch has at most 8388608 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			buffer := traces.NewBuffer(traces.Limits{})
			w := send(buffer, test.mediaType, test.coding, test.body)
			assert.Equal(t, test.status, w.Code)
			assert.Empty(t, buffer.Recent(10))
			// google.rpc.Status{code = 1, message = 2}, in the encoding of the request.
			if strings.HasPrefix(test.mediaType, protobuf) {
				assert.Equal(t, protobuf, w.Header().Get("Content-Type"))
				want := protowire.AppendVarint([]byte{1 << 3}, 3)
				want = protowire.AppendString(append(want, 2<<3|2), test.message)
				assert.Equal(t, want, w.Body.Bytes())
				return
			}
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
			assert.JSONEq(t, fmt.Sprintf(`{"code":3,"message":%q}`, test.message), w.Body.String())
		})
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/traces", http.NoBody)
	w := httptest.NewRecorder()
	traces.NewBuffer(traces.Limits{}).Receiver().ServeHTTP(w, r)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, http.MethodPost, w.Header().Get("Allow"))
}

// A batch that unpacks to more than fits is not unpacked to its end.
func TestABombIsLeftAlone(t *testing.T) {
	t.Parallel()
	bomb := packed(t, make([]byte, 64<<20))
	body := bytes.NewReader(bomb)
	r := httptest.NewRequest(http.MethodPost, "/v1/traces", body)
	r.Header.Set("Content-Type", protobuf)
	r.Header.Set("Content-Encoding", "gzip")
	w := httptest.NewRecorder()
	traces.NewBuffer(traces.Limits{}).Receiver().ServeHTTP(w, r)
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	assert.Greater(t, body.Len(), len(bomb)/2, "of %d bytes, so many are left", len(bomb))
}

func TestJSONIsTaken(t *testing.T) {
	t.Parallel()
	buffer := traces.NewBuffer(traces.Limits{})
	w := send(buffer, "application/json", "gzip", packed(t, []byte(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"page"}}]},
		"scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"click","kind":3,"unheardOf":1,
		"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661500000000","attributes":[
			{"key":"text","value":{"stringValue":"a"}},{"key":"flag","value":{"boolValue":true}},{"key":"count","value":{"intValue":"7"}},{"key":"large","value":{"intValue":"9007199254740993"}},
			{"key":"share","value":{"doubleValue":0.5}},{"key":"none","value":{"doubleValue":"NaN"}},{"key":"bytes","value":{"bytesValue":"AQI="}},
			{"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}},{"key":"nothing"}],
		"events":[{"timeUnixNano":"1544712660100000000","name":"down"}],"status":{"code":2,"message":"lost"}}]}]}]}`)))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.JSONEq(t, `{}`, w.Body.String())

	answer := httptest.NewRecorder()
	buffer.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/traces/5b8efff798038103d269b633813fc60c", http.NoBody))
	require.Equal(t, http.StatusOK, answer.Code)
	var got struct{ Spans json.RawMessage }
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &got))
	assert.JSONEq(t, `[{"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","parent_id":"eee19b7ec3c1b173","name":"click","kind":"client","service":"page",
		"start_ms":0,"took_ms":1500,"status":"error","message":"lost",
		"attributes":{"text":"a","flag":true,"count":7,"large":"9007199254740993","share":0.5,"none":"NaN","bytes":"AQI=","list":[1],"map":{"k":"v"},"nothing":null},
		"events":[{"name":"down","start_ms":100,"attributes":{}}]}]`, string(got.Spans))
}

func TestWhatIsNotKeptIsSaid(t *testing.T) {
	t.Parallel()
	bad := span(1, 1, 0, "of no trace", 0, 1)
	bad.TraceId = make([]byte, 16)
	short := span(1, 1, 0, "short", 0, 1)
	short.SpanId = []byte{1}
	large := span(2, 1, 0, strings.Repeat("x", 2000), 0, 1)
	content := batch(bad, short, large, span(3, 1, 0, "good", 0, 1))

	w := send(traces.NewBuffer(traces.Limits{Bytes: 2000}), protobuf, "", encode(t, content))
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, protobuf, w.Header().Get("Content-Type"))
	const message = "2 spans have no valid ids, 1 spans are of traces that are too large"
	partial := protowire.AppendString(append(protowire.AppendVarint([]byte{1 << 3}, 3), 2<<3|2), message)
	assert.Equal(t, protowire.AppendBytes([]byte{1<<3 | 2}, partial), w.Body.Bytes())

	content = batch(span(3, 1, 0, "good", 0, 1))
	assert.Empty(t, send(traces.NewBuffer(traces.Limits{}), protobuf, "", encode(t, content)).Body.Bytes(), "all is kept")
	w = send(traces.NewBuffer(traces.Limits{}), "application/json", "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00","spanId":"zz"}]}]}]}`))
	assert.JSONEq(t, `{"partialSuccess":{"rejectedSpans":"1","errorMessage":"1 spans have no valid ids"}}`, w.Body.String())
}

func TestTheOldestTraceMakesPlace(t *testing.T) {
	t.Parallel()
	id := func(trace byte) string { return strings.Repeat(fmt.Sprintf("%02x", trace), 16) }
	buffer := traces.NewBuffer(traces.Limits{Spans: 4})
	buffer.Take(batch(span(1, 1, 0, "a", 0, 1), span(1, 2, 1, "b", 0, 1), span(2, 1, 0, "c", 0, 1), span(3, 1, 0, "d", 0, 1)))
	require.Len(t, buffer.Recent(10), 3)
	assert.Zero(t, buffer.Take(batch(span(3, 2, 1, "e", 0, 1))))
	assert.Nil(t, buffer.Trace(id(1)), "it came first, and goes as a whole")
	assert.Len(t, buffer.Trace(id(2)), 1)
	assert.Len(t, buffer.Trace(id(3)), 2)

	// The same once more, as after an answer that was lost.
	bytes := buffer.Bytes()
	assert.Zero(t, buffer.Take(batch(span(3, 2, 1, "e", 0, 1), span(3, 2, 1, "e", 0, 1))))
	assert.Equal(t, bytes, buffer.Bytes())
	assert.Len(t, buffer.Trace(id(3)), 2)

	// One that is too large leaves the others alone, as far as it has place.
	assert.Zero(t, buffer.Take(batch(span(2, 2, 1, "f", 0, 1), span(2, 3, 1, "g", 0, 1))))
	assert.Nil(t, buffer.Trace(id(3)))
	assert.Equal(t, 2, buffer.Take(batch(span(2, 4, 1, "h", 0, 1), span(2, 5, 1, "i", 0, 1), span(2, 6, 1, "j", 0, 1))))
	assert.Len(t, buffer.Trace(id(2)), 4)

	buffer.Clear()
	assert.Empty(t, buffer.Recent(10))
	assert.Zero(t, buffer.Bytes())
	assert.Zero(t, buffer.Take(batch(span(1, 1, 0, "a", 0, 1))))
	assert.Len(t, buffer.Recent(10), 1)
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	buffer := traces.NewBuffer(traces.Limits{Bytes: limit})
	var running sync.WaitGroup
	for worker := range 4 {
		running.Go(func() {
			for i := range 500 {
				s := span(byte(worker+1), byte(i%255+1), 0, "x", 0, 1)
				s.TraceId[0], s.TraceId[1] = byte(i), byte(i>>8)
				s.Attributes = []*commonpb.KeyValue{{Key: "k", Value: text(strings.Repeat("x", 10_000))}}
				s.Events = []*tracepb.Span_Event{{Name: "e", Attributes: s.Attributes}}
				buffer.Take(batch(s))
				assert.LessOrEqual(t, buffer.Bytes(), limit)
			}
		})
	}
	running.Wait()
	recent := buffer.Recent(10_000)
	assert.Greater(t, len(recent), 40)
	assert.Less(t, len(recent), 52, "20 KB each")
}

func TestLists(t *testing.T) {
	t.Parallel()
	buffer := traces.NewBuffer(traces.Limits{})
	failed := span(2, 2, 1, "child", time.Millisecond, 9*time.Millisecond)
	failed.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	buffer.Take(batch(span(1, 1, 0, "first", 0, time.Millisecond), failed, span(2, 1, 9, "root", 500*time.Microsecond, 2*time.Millisecond)))
	list := func(query string) (int, string) {
		w := httptest.NewRecorder()
		buffer.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/traces"+query, http.NoBody))
		return w.Code, w.Body.String()
	}
	const second = `{"trace_id":"02020202020202020202020202020202","root":"root","service":"falafel-api","at":"2026-11-20T12:30:00Z","took_ms":9.5,"spans":2,"error":true}`
	const first = `{"trace_id":"01010101010101010101010101010101","root":"first","service":"falafel-api","at":"2026-11-20T12:30:00Z","took_ms":1,"spans":1,"error":false}`
	for _, test := range []struct {
		query, answer string
		status        int
	}{
		{"", `{"items":[` + second + `,` + first + `]}`, 200},
		{"?limit=1", `{"items":[` + second + `]}`, 200},
		{"?limit=0", `{"title":"Bad Request","status":400,"detail":"limit is a number from 1 to 1000, and not \"0\""}`, 400},
		{"?limit=many", `{"title":"Bad Request","status":400,"detail":"limit is a number from 1 to 1000, and not \"many\""}`, 400},
		{"/unknown", `{"title":"Not Found","status":404,"detail":"there is no such trace here: it has not come yet, or it had to make room for others"}`, 404},
	} {
		status, answer := list(test.query)
		assert.Equal(t, test.status, status, test.query)
		assert.JSONEq(t, test.answer, answer, test.query)
	}
}

func FuzzReceiver(f *testing.F) {
	f.Add(true, encode(f, batch(span(1, 1, 0, "x", 0, 1), span(1, 2, 1, "y", 1, 1))))
	f.Add(false, []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]}`))
	f.Fuzz(func(t *testing.T, isProtobuf bool, body []byte) {
		mediaType := "application/json"
		if isProtobuf {
			mediaType = protobuf
		}
		buffer := traces.NewBuffer(traces.Limits{Bytes: 1 << 16})
		w := send(buffer, mediaType, "", body)
		assert.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code)
		assert.LessOrEqual(t, buffer.Bytes(), 1<<16)
		for _, summary := range buffer.Recent(100) {
			answer := httptest.NewRecorder()
			buffer.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/traces/"+summary.TraceID, http.NoBody))
			assert.Equal(t, http.StatusOK, answer.Code, answer.Body)
		}
	})
}
