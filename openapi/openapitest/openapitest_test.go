package openapitest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/openapi/openapitest"
)

type object = map[string]any

const review = `{"id":"019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21","restaurant":"Habibi","rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"currency":"EUR","comment":"","created_at":"2026-11-20T13:05:12.345Z","updated_at":"2026-11-20T13:05:12.345Z","version":1}`

// An exchange with the service, and the document that it is held against.
type exchange struct {
	method, path string
	document     object
	sent         string
	status       int
	header       http.Header
	body         string
}

// created is the exchange that fits: a review is created.
func created(t testing.TB) *exchange {
	t.Helper()
	content, err := os.ReadFile("../openapi.json")
	require.NoError(t, err)
	e := &exchange{
		method: http.MethodPost, path: "/v1/restaurants/a%2Fb/reviews",
		sent:   `{"rating":4.5,"visited_at":"2026-11-20T12:30:00Z","cost":8.5}`,
		status: http.StatusCreated, body: review,
		header: http.Header{
			"Content-Type": {"application/json"}, "Location": {"/v1/restaurants/a%2Fb/reviews/019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21"}, "Etag": {`"1-4.5-8.5-EUR"`},
			"X-Request-Id": {"1"}, "Server-Timing": {`dynamodb;dur=1.3;desc="2 calls", read-units;desc="1", write-units;desc="12"`},
		},
	}
	require.NoError(t, json.Unmarshal(content, &e.document))
	return e
}

func (e *exchange) held(t testing.TB) (request, response error) {
	t.Helper()
	content, err := json.Marshal(e.document)
	require.NoError(t, err)
	contract, err := openapitest.New(content)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), e.method, "http://127.0.0.1"+e.path, strings.NewReader(e.sent))
	require.NoError(t, err)
	if e.sent != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return contract.Request(r, []byte(e.sent)), contract.Response(r, &http.Response{StatusCode: e.status, Header: e.header}, []byte(e.body))
}

// problem makes the answer a 422.
func (e *exchange) problem(body string) {
	e.status, e.body = http.StatusUnprocessableEntity, body
	e.header.Set("Content-Type", "application/problem+json")
	e.header.Del("Location")
	e.header.Del("ETag")
}

func member(node object, path ...string) object {
	for _, name := range path {
		node = node[name].(object)
	}
	return node
}

func (e *exchange) operation() object {
	return member(e.document, "paths", "/v1/restaurants/{restaurant}/reviews", "post")
}

func (e *exchange) says(from, to string) { e.body = strings.Replace(e.body, from, to, 1) }

func TestAnExchangeThatTheDocumentKnowsIsTaken(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*exchange){
		"a review is created": func(*exchange) {},
		"a header that may be": func(e *exchange) {
			e.header.Set("Idempotency-Replayed", "true")
		},
		"one kind of problem":    func(e *exchange) { e.problem(`{"type":"/problems/validation","title":"x","status":422,"detail":"x"}`) },
		"the other kind":         func(e *exchange) { e.problem(`{"type":"/problems/idempotency-key-reused","title":"x","status":422}`) },
		"net/http's own headers": func(e *exchange) { e.header.Set("Date", "Fri, 20 Nov 2026 12:30:00 GMT") },
		"an echo of the earlier's": func(e *exchange) {
			e.path, e.status = "/data", http.StatusOK
			e.body = `{"falafel_restaurant":"Habibi","falafel_rating":4.5,"falafel_time":"12:30","falafel_cost":8.5,"note":{"a":[null]}}`
			e.sent = e.body
			e.header.Del("Location")
			e.header.Del("ETag")
			e.header.Set("Deprecation", "@1796083200")
			e.header.Set("Content-Type", "application/json; charset=utf-8")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := created(t)
			change(e)
			request, response := e.held(t)
			assert.NoError(t, request)
			assert.NoError(t, response)
		})
	}
}

func TestAnAnswerThatTheDocumentDoesNotKnowIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*exchange)
		says   string
	}{
		"a status":                 {func(e *exchange) { e.status = http.StatusAccepted }, "202"},
		"a status that is no more": {func(e *exchange) { delete(member(e.operation(), "responses"), "201") }, "201"},
		"a media type":             {func(e *exchange) { e.header.Set("Content-Type", "text/html") }, "text/html"},
		"a member":                 {func(e *exchange) { e.says(`{`, `{"surprise":1,`) }, "surprise"},
		"a member that is no more": {func(e *exchange) {
			delete(member(e.document, "components", "schemas", "Review", "properties"), "comment")
		}, "comment"},
		"a member that is missing":  {func(e *exchange) { e.says(`"version":1`, `"visited_at_text":""`) }, "version"},
		"a number as a text":        {func(e *exchange) { e.says(`4.5`, `"4.5"`) }, "rating"},
		"a number out of its range": {func(e *exchange) { e.says(`4.5`, `5.5`) }, "rating"},
		"a text that is no time":    {func(e *exchange) { e.says(`"2026-11-20T13:05:12.345Z"`, `"yesterday"`) }, "date-time"},
		"a text that is no UUID":    {func(e *exchange) { e.says(`019aa3c2-7d1e`, `019aa3c2`) }, "uuid"},
		"half a body":               {func(e *exchange) { e.body = e.body[:20] }, ""},
		"no body":                   {func(e *exchange) { e.body = "" }, "no body"},
		"a header":                  {func(e *exchange) { e.header.Set("X-Surprise", "1") }, "X-Surprise"},
		"a header that is missing":  {func(e *exchange) { e.header.Del("ETag") }, "ETag"},
		"a header of another form": {func(e *exchange) {
			e.problem(`{"type":"/problems/busy","title":"x","status":503}`)
			e.status = http.StatusServiceUnavailable
			e.header.Set("Retry-After", "soon")
		}, "retry-after"},
		"a problem of another kind": {func(e *exchange) { e.problem(`{"type":"/problems/not-found","title":"x","status":422}`) }, "type"},
		"a member of a problem":     {func(e *exchange) { e.problem(`{"type":"/problems/validation","title":"x","status":422,"stack":"x"}`) }, "stack"},
		"a member deep in a problem": {func(e *exchange) {
			e.problem(`{"type":"/problems/validation","title":"x","status":422,"errors":[{"message":"x","line":1}]}`)
		}, "line"},
		"a member of a restaurant's review": {func(e *exchange) {
			e.method, e.path, e.sent, e.status = http.MethodGet, "/v1/restaurants/a%2Fb", "", http.StatusOK
			e.header.Del("Location")
			e.body = `{"name":"a/b","review_count":1,"average_rating":4.5,"average_cost":8.5,"currency":"EUR","costs":[],"last_review":` + strings.Replace(review, `{`, `{"surprise":1,`, 1) + `}`
		}, "surprise"},
		"a body where none is declared": {func(e *exchange) {
			e.method, e.path, e.sent, e.status = http.MethodDelete, "/v1/restaurants/a%2Fb/reviews/019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21", "", http.StatusNoContent
			e.header.Del("Location")
			e.header.Del("ETag")
		}, "a body"},
		"a method": {func(e *exchange) { e.method = http.MethodPut }, openapitest.ErrUndescribed.Error()},
		"a path":   {func(e *exchange) { e.path = "/v1/pots" }, openapitest.ErrUndescribed.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := created(t)
			test.change(e)
			_, response := e.held(t)
			assert.ErrorContains(t, response, test.says)
		})
	}
}

func TestARequestThatTheDocumentDoesNotKnowIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*exchange)
		says   string
	}{
		"a member":                 {func(e *exchange) { e.sent = strings.Replace(e.sent, `{`, `{"surprise":1,`, 1) }, "surprise"},
		"a member that is missing": {func(e *exchange) { e.sent = `{"rating":4.5}` }, "cost"},
		"a number out of its range": {func(e *exchange) {
			e.sent = strings.Replace(e.sent, "8.5", "-8.5", 1)
		}, "cost"},
		"a currency":      {func(e *exchange) { e.sent = strings.Replace(e.sent, `{`, `{"currency":"ABC",`, 1) }, "currency"},
		"no body":         {func(e *exchange) { e.sent = "" }, ""},
		"a name too long": {func(e *exchange) { e.path = "/v1/restaurants/" + strings.Repeat("x", 201) + "/reviews" }, "restaurant"},
		"a parameter's value": {func(e *exchange) {
			e.method, e.path, e.sent = http.MethodGet, "/v1/reviews?limit=101", ""
		}, "limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := created(t)
			test.change(e)
			request, _ := e.held(t)
			assert.ErrorContains(t, request, test.says)
		})
	}
}

func TestTheServiceDoesNotLinkIt(t *testing.T) {
	t.Parallel()
	linked, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/pretendfriend/falafel-api/api").Output()
	require.NoError(t, err)
	assert.Contains(t, string(linked), "github.com/danielgtaylor/huma/v2\n")
	for _, module := range []string{"github.com/pb33f/", "github.com/pretendfriend/falafel-api/openapi"} {
		assert.NotContains(t, string(linked), module)
	}
}
