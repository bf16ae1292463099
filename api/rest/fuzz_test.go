package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// memory takes every review and remembers one: a fuzz target has no time for a
// database.
type memory struct {
	rest.Reviews
	stored review.Review
}

func (memory) Create(_ context.Context, r review.Review, _ review.Idempotency) (review.Review, error) {
	return r, nil
}

func (m memory) Review(context.Context, review.Name, uuid.UUID) (review.Review, error) {
	return m.stored, nil
}

func (m memory) Replace(_ context.Context, _ review.Name, _ uuid.UUID, content review.Content, _ *review.Revision) (review.Review, error) {
	return m.stored.Replaced(content, time.Now()), nil
}

func inMemory(f *testing.F, stored review.Review) http.Handler {
	f.Helper()
	handler, err := rest.New(memory{stored: stored}, rest.Options{CursorKey: make([]byte, 16), Metrics: telemetry.NewMetrics(telemetry.Build{}), Timeout: time.Minute})
	require.NoError(f, err)
	return handler
}

// serve answers a request in the process, and requires that the answer is JSON which
// says nothing of how the service is made, and no failure.
func serve(t *testing.T, handler http.Handler, method, path, mediaType, body string) *answer {
	t.Helper()
	in := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	in.Header.Set("Content-Type", mediaType)
	out := httptest.NewRecorder()
	handler.ServeHTTP(out, in)
	a := &answer{out.Code, out.Header(), out.Body.String()}
	require.Less(t, a.status, 500, a.body)
	require.True(t, json.Valid([]byte(a.body)), a.body)
	if a.status >= 400 {
		p := decode[rest.Problem](t, a)
		require.Equal(t, a.status, p.Status)
		for i := range p.Errors {
			p.Errors[i].Value, p.Errors[i].Location = nil, "" // the client's own words
		}
		ours, err := json.Marshal(p)
		require.NoError(t, err)
		require.NotRegexp(t, `Go value|Go struct|json:|jsontext|(?i)unmarshal|strconv\.|float64|map\[string`, string(ours))
	}
	return a
}

func FuzzCreate(f *testing.F) {
	handler := inMemory(f, review.Review{})
	for _, body := range malformed {
		f.Add(body)
	}
	for _, body := range invalid {
		f.Add(body)
	}
	f.Add(plain)
	f.Fuzz(func(t *testing.T, body string) {
		a := serve(t, handler, http.MethodPost, "/v1/restaurants/Habibi/reviews", "application/json", body)
		if a.status != http.StatusCreated {
			require.Contains(t, []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, a.status)
			return
		}
		// What was taken is JSON without loss, and is taken again as it is shown.
		require.True(t, json.Valid([]byte(body)))
		again := serve(t, handler, http.MethodPost, "/v1/restaurants/Habibi/reviews", "application/json", a.body)
		require.Equal(t, http.StatusCreated, again.status, again.body)
		was, is := decode[rest.Review](t, a), decode[rest.Review](t, again)
		was.ID, was.CreatedAt, was.UpdatedAt = is.ID, is.CreatedAt, is.UpdatedAt
		assert.Equal(t, was, is)
	})
}

func FuzzPatch(f *testing.F) {
	content := review.Content{Rating: review.MustDecimal("4.5"), Cost: review.MustDecimal("8.5"), Currency: "EUR", Visited: "12:30", Comment: "Crisp."}
	stored, err := review.New("Habibi", content, time.Now())
	require.NoError(f, err)
	handler := inMemory(f, stored)
	path := "/v1/restaurants/Habibi/reviews/" + stored.ID.String()
	for _, patch := range []string{
		`{}`, `{"rating":3}`, `{"comment":null,"currency":null}`, `{"rating":1e999}`, `{"a":{"b":null}}`, `null`, `[]`, `[null]`, `[{}]`,
		`[{"op":"replace","path":"/rating","value":1}]`, `[{"op":"test","path":"/rating","value":4.5},{"op":"remove","path":"/comment"}]`,
		`[{"op":"move","from":"/comment","path":"/currency"}]`, `[{"op":"copy","from":"","path":"/comment"}]`, `[{"op":"replace","path":"","value":null},{"op":"add","path":"/a/0","value":[]}]`,
		`[{"op":"add","path":"/a","value":[1]},{"op":"copy","from":"/a","path":"/a/-"},{"op":"remove","path":"/a/-1"}]`, `[{"op":"test","path":"","value":{}}]`, `[{"op":"test","path":""}]`,
		`[{"op":"add","path":"/a~1b~0~2","value":{"c":[{}]}}]`,
	} {
		f.Add(patch)
	}
	f.Fuzz(func(t *testing.T, patch string) {
		for _, mediaType := range []string{mergePatch, jsonPatch} {
			a := serve(t, handler, http.MethodPatch, path, mediaType, patch)
			if a.status != http.StatusOK {
				require.Contains(t, []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, a.status)
				continue
			}
			was, is := stored, decode[rest.Review](t, a)
			require.Equal(t, was.ID.String(), is.ID)
			require.Equal(t, int64(2), is.Version)
		}
	})
}
