package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
)

// patchLeniencies say why a patch is taken that the document does not admit: what a patch
// may be depends on what it is applied to, and a schema cannot say so.
var patchLeniencies = map[string]string{
	"null for what is not there":    "removes nothing",
	"read-only members as they are": "changes nothing",
}

func TestAPatchChangesWhatItNames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const whole = `{"rating":2,"visited_at":"2020-02-29T00:00:00Z","cost":1.5,"currency":"USD","comment":"New."}`
		for name, test := range map[string]struct{ mediaType, patch, want string }{
			"one member":                    {mergePatch, `{"rating":3}`, `"rating":3,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"currency":"EUR","comment":"Crisp."`},
			"several members":               {mergePatch, `{"rating":3,"comment":"","currency":"GBP"}`, `"rating":3,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"currency":"GBP","comment":""`},
			"all members":                   {mergePatch, whole, `"rating":2,"visited_at":"2020-02-29T00:00:00Z","cost":1.5,"currency":"USD","comment":"New."`},
			"no member":                     {mergePatch, `{}`, `"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"currency":"EUR","comment":"Crisp."`},
			"null for the comment":          {mergePatch, `{"comment":null}`, `"currency":"EUR","comment":""`},
			"null for what is not there":    {mergePatch, `{"visited_at_text":null}`, `"comment":"Crisp."`},
			"read-only members as they are": {mergePatch, `{"version":1,"restaurant":"Habibi","rating":3}`, `"rating":3,`},
			"with parameters":               {mergePatch + "; charset=utf-8", `{"rating":3}`, `"rating":3,`},
			"a long number":                 {mergePatch, `{"cost":12345678.9012}`, `"cost":12345678.9012,`},
			"replace":                       {jsonPatch, `[{"op":"replace","path":"/rating","value":1}]`, `"rating":1,`},
			"add":                           {jsonPatch, `[{"op":"add","path":"/comment","value":"B"}]`, `"comment":"B"`},
			"remove":                        {jsonPatch, `[{"op":"remove","path":"/comment"}]`, `"comment":""`},
			"test and replace":              {jsonPatch, `[{"op":"test","path":"/rating","value":4.5},{"op":"replace","path":"/rating","value":1}]`, `"rating":1,`},
			"test of a read-only member":    {jsonPatch, `[{"op":"test","path":"/version","value":1},{"op":"replace","path":"/cost","value":0}]`, `"cost":0,`},
			"copy":                          {jsonPatch, `[{"op":"copy","from":"/currency","path":"/comment"}]`, `"comment":"EUR"`},
			"move and add":                  {jsonPatch, `[{"op":"move","from":"/comment","path":"/currency"},{"op":"replace","path":"/currency","value":"CHF"}]`, `"currency":"CHF","comment":""`},
			"no operation":                  {jsonPatch, `[]`, `"rating":4.5,`},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				m := s.create(t, "Habibi", plain)
				a := s.patchReview(m, test.mediaType, test.patch).lenient(patchLeniencies[name]).expect(t, http.StatusOK)
				assert.Contains(t, a.body, test.want)
				assert.Equal(t, int64(2), decode[rest.Review](t, a).Version)
				got := s.getReview(m).expect(t, http.StatusOK)
				assert.Equal(t, a.body, got.body)
				assert.Equal(t, a.header.Get("ETag"), got.header.Get("ETag"))
			})
		}
	})
}

func TestNullInAPatchFallsBackToTheDefault(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", strings.Replace(plain, "EUR", "JPY", 1))
		r := decode[rest.Review](t, s.patchReview(m, mergePatch, `{"currency":null,"comment":null}`).expect(t, http.StatusOK))
		assert.Equal(t, "EUR", r.Currency)
		assert.Empty(t, r.Comment)
		costs := decode[rest.Restaurant](t, s.getRestaurant("Habibi").expect(t, http.StatusOK)).Costs
		require.Len(t, costs, 1)
		assert.Equal(t, "EUR", costs[0].Currency)
		for _, required := range []string{"rating", "cost", "visited_at"} {
			s.patchReview(m, mergePatch, fmt.Sprintf(`{%q:null}`, required)).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		}
	})
}

func TestAPatchThatDoesNotApplyChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		for name, test := range map[string]struct{ mediaType, patch string }{
			"a merge patch that is an array":      {mergePatch, `[]`},
			"a merge patch that is null":          {mergePatch, `null`},
			"a merge patch that is a number":      {mergePatch, `1`},
			"an unknown member":                   {mergePatch, `{"surprise":1}`},
			"an unknown member that is null":      {mergePatch, `{"surprise":null}`},
			"a member in capitals":                {mergePatch, `{"Rating":1}`},
			"a wrong type":                        {mergePatch, `{"rating":"3"}`},
			"an object for a number":              {mergePatch, `{"rating":{"a":1}}`},
			"a rating of 6":                       {mergePatch, `{"rating":6}`},
			"a rating of two decimals":            {mergePatch, `{"rating":4.55}`},
			"a negative cost":                     {mergePatch, `{"cost":-0.01}`},
			"a cost of 40 digits":                 {mergePatch, `{"cost":1.` + strings.Repeat("1", 40) + `}`},
			"a cost of 1e999":                     {mergePatch, `{"cost":1e999}`},
			"a currency that is none":             {mergePatch, `{"currency":"ABC"}`},
			"an empty currency":                   {mergePatch, `{"currency":""}`},
			"a time that is none":                 {mergePatch, `{"visited_at":"12:30"}`},
			"a year 10000":                        {mergePatch, `{"visited_at":"10000-01-01T00:00:00Z"}`},
			"a comment with NUL":                  {mergePatch, `{"comment":"a\u0000b"}`},
			"a comment that is too long":          {mergePatch, `{"comment":"` + strings.Repeat("x", 2001) + `"}`},
			"another id":                          {mergePatch, `{"id":"00000000-0000-0000-0000-000000000000"}`},
			"no id":                               {mergePatch, `{"id":null}`},
			"another restaurant":                  {mergePatch, `{"restaurant":"Other"}`},
			"another version":                     {mergePatch, `{"version":7}`},
			"another time of creation":            {mergePatch, `{"created_at":"2020-01-01T00:00:00Z"}`},
			"another time of change":              {mergePatch, `{"updated_at":"2020-01-01T00:00:00Z"}`},
			"a text for a time that is one":       {mergePatch, `{"visited_at_text":"12:30"}`},
			"a JSON patch that is an object":      {jsonPatch, `{"op":"remove","path":"/comment"}`},
			"a JSON patch that is null":           {jsonPatch, `null`},
			"an operation that is null":           {jsonPatch, `[null]`},
			"an operation that is a number":       {jsonPatch, `[1]`},
			"an operation that is empty":          {jsonPatch, `[{}]`},
			"an unknown operation":                {jsonPatch, `[{"op":"explode","path":"/rating"}]`},
			"an operation that is no text":        {jsonPatch, `[{"op":1,"path":"/rating"}]`},
			"a path that is missing":              {jsonPatch, `[{"op":"remove"}]`},
			"a path that is no text":              {jsonPatch, `[{"op":"remove","path":1}]`},
			"a path that is no pointer":           {jsonPatch, `[{"op":"replace","path":"rating","value":1}]`},
			"a path to nothing":                   {jsonPatch, `[{"op":"replace","path":"/surprise","value":1}]`},
			"a path into a number":                {jsonPatch, `[{"op":"add","path":"/rating/0","value":1}]`},
			"a value that is missing":             {jsonPatch, `[{"op":"replace","path":"/rating"}]`},
			"a value that is null":                {jsonPatch, `[{"op":"replace","path":"/rating","value":null}]`},
			"a from that is missing":              {jsonPatch, `[{"op":"copy","path":"/comment"}]`},
			"a from to nothing":                   {jsonPatch, `[{"op":"move","from":"/surprise","path":"/comment"}]`},
			"a test that fails":                   {jsonPatch, `[{"op":"replace","path":"/rating","value":1},{"op":"test","path":"/cost","value":1}]`},
			"a test without a value":              {jsonPatch, `[{"op":"test","path":""}]`},
			"a test of nothing":                   {jsonPatch, `[{"op":"test","path":"/surprise","value":1}]`},
			"the removal of what is needed":       {jsonPatch, `[{"op":"remove","path":"/rating"}]`},
			"the removal of everything":           {jsonPatch, `[{"op":"remove","path":""}]`},
			"null in place of everything":         {jsonPatch, `[{"op":"replace","path":"","value":null}]`},
			"null in place of everything, and on": {jsonPatch, `[{"op":"replace","path":"","value":null},{"op":"add","path":"/rating","value":1}]`},
			"an array in place of everything":     {jsonPatch, `[{"op":"replace","path":"","value":[]},{"op":"add","path":"/-","value":1}]`},
			"a text in place of everything":       {jsonPatch, `[{"op":"add","path":"","value":"x"}]`},
			"everything within itself":            {jsonPatch, `[{"op":"move","from":"","path":"/comment"}]`},
			"another id by replacement":           {jsonPatch, `[{"op":"replace","path":"/id","value":"x"}]`},
			"a negative index":                    {jsonPatch, `[{"op":"add","path":"/a","value":[]},{"op":"add","path":"/a/-1","value":1}]`},
			"a huge index":                        {jsonPatch, `[{"op":"add","path":"/a","value":[]},{"op":"add","path":"/a/999999999","value":1}]`},
			"an index beyond counting":            {jsonPatch, `[{"op":"add","path":"/a","value":[]},{"op":"add","path":"/a/99999999999999999999","value":1}]`},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := s.patchReview(m, test.mediaType, test.patch).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
				assert.NotEmpty(t, p.Errors)
			})
		}
		for name, patch := range map[string]string{
			"broken JSON": `{"rating":`, "no body": "", "a member that stands twice": `{"rating":1,"rating":2}`, "a lone surrogate": `{"comment":"\ud800"}`,
			"invalid UTF-8": "{\"comment\":\"\xff\"}", "NaN": `{"rating":NaN}`, "two values": `{}{}`, "deep nesting": `{"a":` + strings.Repeat("[", 50_000),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s.patchReview(m, mergePatch, patch).expect(t, http.StatusBadRequest).problem(t, "malformed-request")
				s.patchReview(m, jsonPatch, patch).expect(t, http.StatusBadRequest).problem(t, "malformed-request")
			})
		}
		t.Cleanup(func() { s.unchanged(t, m) })
	})
}

func TestAPatchOfAnotherMediaTypeIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		for _, mediaType := range []string{"application/json", "text/plain", "application/xml", "application/merge-patch", "x", ""} {
			a := s.patchReview(m, mediaType, `{"rating":3}`).expect(t, http.StatusUnsupportedMediaType)
			a.problem(t, "unsupported-media-type")
			assert.Contains(t, a.header.Get("Accept-Patch"), mergePatch)
			assert.Contains(t, a.header.Get("Accept-Patch"), jsonPatch)
		}
		assert.Contains(t, s.getReview(m).expect(t, http.StatusOK).body, `"version":1`)
	})
}

// Each operation doubles what the one before made: 100 bytes of patch ask for
// gigabytes.
func TestAPatchCannotGrowWithoutBound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		operations := []string{`{"op":"add","path":"/a","value":["` + strings.Repeat("x", 1000) + `"]}`}
		for range 16 {
			operations = append(operations, `{"op":"copy","from":"/a","path":"/a/-"}`)
		}
		began := time.Now()
		p := s.patchReview(m, jsonPatch, "["+strings.Join(operations, ",")+"]").expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		assert.Less(t, time.Since(began), 5*time.Second)
		require.NotEmpty(t, p.Errors)
		assert.Regexp(t, "(?i)copy|copies|size|large", p.Errors[0].Message, "it is refused before it has grown")
	})
}

func TestPatchesAtTheSameTimeAllApply(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		patches := []string{`{"rating":1}`, `{"cost":2}`, `{"comment":"three"}`, `{"currency":"CHF"}`}
		var all []*request
		for _, patch := range patches {
			all = append(all, s.patchReview(m, mergePatch, patch))
		}
		for _, a := range together(t, all...) {
			assert.Equal(t, http.StatusOK, a.status, a.body)
		}
		body := s.getReview(m).expect(t, http.StatusOK).body
		assert.Contains(t, body, `"rating":1,"visited_at":"2026-11-20T12:30:00+01:00","cost":2,"currency":"CHF","comment":"three"`)
		assert.Contains(t, body, fmt.Sprintf(`"version":%d`, 1+len(patches)))
	})
}
