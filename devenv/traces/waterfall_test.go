package traces_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/traces"
)

var update = flag.Bool("update", false, "write the waterfalls in testdata anew")

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

func one(id, parent, name string, from, took float64, attributes map[string]any) traces.Span {
	at := func(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
	return traces.Span{TraceID: traceID, SpanID: id, ParentID: parent, Name: name, Start: began.Add(at(from)), Took: at(took), Attributes: attributes}
}

func call(operation, pattern, capacity string) map[string]any {
	return map[string]any{
		"db.operation.name": operation, "falafel.access_pattern": pattern,
		"aws.dynamodb.consumed_capacity": []any{`{"TableName":"Reviews","CapacityUnits":` + capacity + `}`},
	}
}

func TestWaterfall(t *testing.T) {
	t.Parallel()
	failed := one("b3", "b1", "DynamoDB.TransactWriteItems", 4, 9, map[string]any{
		"db.operation.name": "TransactWriteItems", "falafel.access_pattern": "create a review", "error.type": "TransactionCanceledException",
		"http.request.resend_count": int64(2),
	})
	failed.Status, failed.Events = "error", []traces.Event{
		{Name: "attempt failed", At: failed.Start.Add(time.Millisecond), Attributes: map[string]any{"error.type": "InternalServerError"}},
		{Name: "attempt failed", At: failed.Start.Add(5 * time.Millisecond)},
	}
	panicked := one("d1", "", "GET /v1/reviews", 0, 0, map[string]any{"http.response.status_code": int64(500)})
	panicked.Status, panicked.Message = "error", "lost\x1b[31m\nhere"
	var shards []traces.Span
	shards = append(shards, one("c1", "", "GET /v1/restaurants", 0, 3, map[string]any{"http.response.status_code": int64(200)}))
	for _, id := range []string{"c2", "c3", "c4", "c5"} {
		query := call("Query", "restaurants by rating", "13")
		query["aws.dynamodb.index_name"] = "ranking"
		shards = append(shards, one(id, "c1", "DynamoDB.Query", 0.5, 2, query))
	}
	var deep []traces.Span
	deep = append(deep, one("0", "", "GET /deep", 0, 100, nil))
	for i := range 250 {
		deep = append(deep, one(string(rune('A'+i+1)), map[bool]string{true: "0", false: string(rune('A' + i))}[i == 0], "call "+strings.Repeat("n", i%70), float64(i)/10, 1, nil))
	}
	for name, spans := range map[string][]traces.Span{
		"create": {
			one("a1", "00f067aa0ba902b7", "POST /v1/restaurants/{restaurant}/reviews", 0, 12.3456, map[string]any{"http.response.status_code": int64(201)}),
			one("a2", "a1", "DynamoDB.GetItem", 0.4, 1.2, call("GetItem", "summary of a restaurant before a change", "0.5")),
			one("a3", "a1", "DynamoDB.TransactWriteItems", 1.7, 10.1, call("TransactWriteItems", "create a review", "12")),
		},
		"failed": {
			one("b1", "", "POST /v1/restaurants/{restaurant}/reviews", 0, 14, map[string]any{"http.response.status_code": int64(503)}),
			one("b2", "b1", "DynamoDB.GetItem", 0.5, 2, call("GetItem", "summary of a restaurant before a change", "1")),
			failed,
		},
		"shards":  shards,
		"at once": {panicked},
		"loops": { // what nobody sends who is sound
			one("e1", "e2", "each other's child", 0, 1, nil), one("e2", "e1", "each other's parent", 0, 1, nil), one("e3", "e3", "its own", 1, -1, nil),
			one("e4", "f9", "later", 90_000, 61_000, nil),
			one("e5", "", "unreadable", 0, 1, map[string]any{"aws.dynamodb.consumed_capacity": []any{`{`, 7, `{"CapacityUnits":-3}`}}),
		},
		"deep": deep,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := traces.Waterfall(spans)
			file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".txt")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)

			bars, place := 0, -1
			for line := range strings.Lines(got) {
				if strings.Count(line, "|") != 2 {
					continue
				}
				bars++
				before, bar, _ := strings.Cut(line, "|")
				at := utf8.RuneCountInString(before)
				if place >= 0 {
					assert.Equal(t, place, at, "all bars begin at one place: %s", line)
				}
				place = at
				bar, _, _ = strings.Cut(bar, "|")
				assert.Equal(t, 32, utf8.RuneCountInString(bar), line)
				assert.Contains(t, line, "█", "however short it was, it is seen")
			}
			assert.Equal(t, min(len(spans), 200), bars, "each span has one")
		})
	}
	assert.Empty(t, traces.Waterfall(nil))
}
