package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pretendfriend/falafel-api/api/store"
)

// instant is a DynamoDB that answers at once, with answers made beforehand: whatever
// is asked, the table holds one restaurant with twenty reviews, and every write
// succeeds. It checks nothing and keeps nothing: a peer for load tests, so that they
// measure the servers alone. For tests of behaviour there is devenv/dynamodb.
type instant struct {
	answers map[string]canned
	cursor  canned // the key that seals cursors
}

type canned struct {
	body   []byte
	header http.Header
}

func newInstant() (*instant, error) {
	var failed error
	of := func(v any) canned {
		body, err := json.Marshal(v)
		failed = errors.Join(failed, err)
		return canned{body: body, header: http.Header{
			"Content-Type":   {"application/x-amz-json-1.0"},
			"Content-Length": {strconv.Itoa(len(body))},
			"X-Amz-Crc32":    {strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)},
			"X-Amzn-Requestid": {
				"LOADTEST000000000000000000000000000000000000000AAAAA",
			},
		}}
	}
	consumed := func(units float64) map[string]any {
		return map[string]any{"TableName": table, "CapacityUnits": units}
	}
	reviews := make([]any, pageSize)
	for i := range reviews {
		reviews[i] = storedReview(i)
	}
	definition := store.Definition(table)
	description := types.TableDescription{TableName: aws.String(table), TableStatus: types.TableStatusActive, KeySchema: definition.KeySchema}
	for _, index := range definition.GlobalSecondaryIndexes {
		description.GlobalSecondaryIndexes = append(description.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection, IndexStatus: types.IndexStatusActive,
		})
	}
	fake := &instant{
		cursor: of(map[string]any{
			"Item":             map[string]any{"pk": text("CURSOR_KEY"), "sk": text("CURSOR_KEY"), "secret": map[string]string{"B": "AAECAwQFBgcICQoLDA0ODw=="}},
			"ConsumedCapacity": consumed(0.5),
		}),
		answers: map[string]canned{
			"DescribeTable":      of(map[string]any{"Table": description}),
			"GetItem":            of(map[string]any{"Item": storedSummary(), "ConsumedCapacity": consumed(1)}),
			"Query":              of(map[string]any{"Items": reviews, "Count": pageSize, "ScannedCount": pageSize, "ConsumedCapacity": consumed(2)}),
			"TransactWriteItems": of(map[string]any{"ConsumedCapacity": []any{consumed(16)}}),
		},
	}
	return fake, failed
}

func storedReview(i int) map[string]any {
	at := time.Date(2026, time.November, 20, 12, 0, i, 0, time.UTC)
	return map[string]any{
		"pk":         text("RESTAURANT#" + restaurant),
		"sk":         text(fmt.Sprintf("REVIEW#%08x-%04x-7000-8000-%012x", at.UnixMilli()>>16, at.UnixMilli()&0xffff, i)),
		"newest_pk":  text("newest#1"),
		"rating":     number(4.5),
		"cost":       number(8.5 + float64(i)/10),
		"currency":   text("EUR"),
		"visited_at": text("2026-11-20T12:30:00+01:00"),
		"comment":    text("Crisp outside, green inside, and the sauce is worth the queue."),
		"updated_at": text(at.Format("2006-01-02T15:04:05.000Z07:00")),
		"version":    number(1),
	}
}

func storedSummary() map[string]any {
	return map[string]any{
		"pk": text("RESTAURANT#" + restaurant), "sk": text("SUMMARY"),
		"ranking_pk": text("ranking#1"), "ranking_sk": text("4500000#000000000020#" + restaurant),
		"names_pk": text("names#1"), "names_sk": text("habibi#0011223344556677"),
		"reviews": number(20), "ratings": number(90), "version": number(20),
		"costs": map[string]any{"M": map[string]any{"EUR": map[string]any{"M": map[string]any{"reviews": number(20), "sum": number(189)}}}},
	}
}

// answer is the one that fits a request.
func (f *instant) answer(target string, body []byte) (canned, int) {
	_, operation, _ := strings.Cut(target, ".")
	if operation == "GetItem" && bytes.Contains(body, []byte(`"CURSOR_KEY"`)) {
		return f.cursor, http.StatusOK
	}
	known, ok := f.answers[operation]
	if !ok {
		return canned{}, http.StatusNotImplemented
	}
	return known, http.StatusOK
}

// ServeHTTP answers over the network.
func (f *instant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	known, status := f.answer(r.Header.Get("X-Amz-Target"), body)
	maps.Copy(w.Header(), known.header)
	w.WriteHeader(status)
	_, _ = w.Write(known.body) // the client may be gone
}

// RoundTrip answers in place of the network, for benchmarks within a process.
func (f *instant) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	known, status := f.answer(r.Header.Get("X-Amz-Target"), body)
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: known.header.Clone(), ContentLength: int64(len(known.body)), Body: io.NopCloser(bytes.NewReader(known.body)), Request: r,
	}, nil
}
