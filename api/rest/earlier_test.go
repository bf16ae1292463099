package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What clients of the earlier service compare, to the letter.
const (
	missingFields     = `{"error":"Missing required fields"}`
	missingRestaurant = `{"error":"falafel_restaurant query parameter is required"}`
	insertFailed      = `{"error":"Failed to insert data into DynamoDB"}`
	fetchFailed       = `{"error":"Failed to fetch data from DynamoDB"}`
)

func dataOf(restaurant string) string {
	return "/data?" + url.Values{"falafel_restaurant": {restaurant}}.Encode()
}

// data is a body of POST /data with some fields in place of the usual ones; "" is a
// field left out.
func data(fields map[string]string) string {
	all := map[string]string{
		"falafel_restaurant": `"Habibi"`, "falafel_rating": `4.5`, "falafel_time": `"2023-10-03T14:30:00Z"`, "falafel_cost": `8.5`,
	}
	maps.Copy(all, fields)
	var members []string
	for name, value := range all {
		if value != "" {
			members = append(members, fmt.Sprintf("%q:%s", name, value))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func TestStatusSaysThatTheServerRuns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		a := s.get("/status?anything=goes").expect(t, http.StatusOK)
		assert.Equal(t, "Server is running!", a.body)
		assert.Regexp(t, `^text/`, a.header.Get("Content-Type"))
		etag := a.header.Get("ETag")
		require.NotEmpty(t, etag)
		s.getStatus().with("If-None-Match", etag).expect(t, http.StatusNotModified)
		s.getStatus().with("If-None-Match", `"other"`).expect(t, http.StatusOK)
		assert.Empty(t, s.do(http.MethodHead, "/status").expect(t, http.StatusOK).body)
	})
}

func TestStatusSaysWhichReleaseAnswers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		a := s.getStatus().expect(t, http.StatusOK)
		assert.Equal(t, []string{"sha256:0f1e"}, a.header.Values("X-Release"))
		unchanged := s.getStatus().with("If-None-Match", a.header.Get("ETag")).expect(t, http.StatusNotModified)
		assert.Equal(t, "sha256:0f1e", unchanged.header.Get("X-Release"))
	}, func(s *settings) { s.release = "sha256:0f1e" })
	each(t, func(t *testing.T, s *service) {
		assert.Empty(t, s.getStatus().expect(t, http.StatusOK).header.Values("X-Release"), "nobody said")
	})
}

func TestPostDataEchoesWhatWasSent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for name, body := range map[string]string{
			"the four fields":             data(nil),
			"further fields":              `{"z":1,"falafel_restaurant":"Echo","a":[{"b":null}],"falafel_rating":4.5,"falafel_time":"12:30","falafel_cost":8.5,"empty":""}`,
			"numbers as they are written": `{"falafel_restaurant":"Echo","falafel_rating":4.50,"falafel_time":"12:30","falafel_cost":1e1,"n":12345678901234567890.10}`,
			"space between tokens":        "{\n  \"falafel_restaurant\" : \"Echo\",\n  \"falafel_rating\": 4.5, \"falafel_time\": \"x\", \"falafel_cost\": 8.5 }\n",
			"text that HTML would escape": `{"falafel_restaurant":"<b>&</b>","falafel_rating":4.5,"falafel_time":"<i>","falafel_cost":8.5}`,
			"further fields in capitals":  `{"falafel_restaurant":"Echo","falafel_rating":4.5,"falafel_time":"12:30","falafel_cost":8.5,"FALAFEL_RESTAURANT":"Capital","Falafel_Cost":{"a":1}}`,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var want bytes.Buffer
				require.NoError(t, json.Compact(&want, []byte(body)))
				a := s.createEarlierReview(body).expect(t, http.StatusOK)
				assert.Equal(t, want.String(), a.body)
				assert.Equal(t, "application/json; charset=utf-8", a.header.Get("Content-Type"))
				assert.Regexp(t, `^@\d+$`, a.header.Get("Deprecation"))
			})
		}
	})
}

func TestPostDataStoresTheFourFieldsAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.createEarlierReview(`{"falafel_restaurant":"Real","falafel_rating":4.5,"falafel_time":"12:30","falafel_cost":8.5,"note":"x","Falafel_Restaurant":"Wrong","FALAFEL_RATING":1}`).expect(t, http.StatusOK)
		assert.Equal(t, `[{"falafel_restaurant":"Real","falafel_rating":4.5,"falafel_time":"12:30","falafel_cost":8.5}]`,
			s.listEarlierReviews("Real").expect(t, http.StatusOK).body)
		assert.Equal(t, `[]`, s.listEarlierReviews("Wrong").expect(t, http.StatusOK).body)
	})
}

func TestPostDataWithoutAFieldIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, field := range []string{"falafel_restaurant", "falafel_rating", "falafel_time", "falafel_cost"} {
			for name, value := range map[string]string{
				"missing": "", "empty": `""`, "zero": "0", "zero with decimals": "0.00", "minus zero": "-0", "null": "null", "false": "false",
			} {
				t.Run(field+" "+name, func(t *testing.T) {
					t.Parallel()
					a := s.createEarlierReview(data(map[string]string{field: value})).expect(t, http.StatusBadRequest)
					assert.Equal(t, missingFields, a.body)
				})
			}
		}
		for name, body := range map[string]string{
			"no body": "", "space": " \n", "empty object": "{}", "array": "[]", "string": `"x"`, "null": "null", "number": "1",
			"capitals": strings.ToUpper(data(nil)),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				assert.Equal(t, missingFields, s.createEarlierReview(body).expect(t, http.StatusBadRequest).body)
			})
		}
	})
}

func TestPostDataLooksOnlyAtJSON(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/xml", "json", ";", "text/json"} {
			a := s.do(http.MethodPost, "/data").sends(contentType, data(nil)).expect(t, http.StatusBadRequest)
			assert.Equal(t, missingFields, a.body, contentType)
		}
		undeclared := s.post("/data", data(nil))
		undeclared.header.Del("Content-Type")
		assert.Equal(t, missingFields, undeclared.expect(t, http.StatusBadRequest).body)
		for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"} {
			s.do(http.MethodPost, "/data").sends(contentType, data(nil)).expect(t, http.StatusOK)
		}
	})
}

func TestPostDataTakesAtMost102400Bytes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		padded := func(size int) string {
			frame := data(map[string]string{"padding": `""`})
			return strings.Replace(frame, `"padding":""`, `"padding":"`+strings.Repeat("x", size-len(frame))+`"`, 1)
		}
		require.Len(t, padded(102_400), 102_400)
		s.createEarlierReview(padded(102_400)).expect(t, http.StatusOK)
		s.createEarlierReview(padded(102_401)).expect(t, http.StatusRequestEntityTooLarge)
		s.createEarlierReview(padded(10<<20)).expect(t, http.StatusRequestEntityTooLarge)
		chunked := s.post("/data", "")
		chunked.body = struct{ *strings.Reader }{strings.NewReader(padded(102_401))} // of a length that net/http does not see
		chunked.expect(t, http.StatusRequestEntityTooLarge)
		assert.Equal(t, 1, strings.Count(s.listEarlierReviews("Habibi").expect(t, http.StatusOK).body, "falafel_rating"))
	})
}

func TestPostDataRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		field := func(name, value string) string { return data(map[string]string{name: value}) }
		for name, test := range map[string]struct{ body, says string }{
			"broken JSON":                 {`{"falafel_restaurant":`, "malformed JSON"},
			"two values":                  {data(nil) + data(nil), "malformed JSON"},
			"a field that stands twice":   {`{"falafel_cost":1,` + data(nil)[1:], "twice"},
			"a lone surrogate":            {field("falafel_time", `"\ud800"`), "malformed JSON"},
			"invalid UTF-8":               {field("falafel_time", "\"\xff\""), "malformed JSON"},
			"a rating in quotes":          {field("falafel_rating", `"4.5"`), "falafel_rating"},
			"a rating that is true":       {field("falafel_rating", `true`), "falafel_rating"},
			"a rating in an array":        {field("falafel_rating", `[4.5]`), "falafel_rating"},
			"a cost that is an object":    {field("falafel_cost", `{}`), "falafel_cost"},
			"a restaurant that is 5":      {field("falafel_restaurant", `5`), "falafel_restaurant"},
			"a restaurant in an array":    {field("falafel_restaurant", `["x"]`), "falafel_restaurant"},
			"a time that is a number":     {field("falafel_time", `1230`), "falafel_time"},
			"a rating above 5":            {field("falafel_rating", `5.1`), "falafel_rating"},
			"a rating below 0":            {field("falafel_rating", `-1`), "falafel_rating"},
			"a rating of two decimals":    {field("falafel_rating", `4.55`), "falafel_rating"},
			"a rating of 40 digits":       {field("falafel_rating", `4.`+strings.Repeat("1", 40)), "digits"},
			"a cost below 0":              {field("falafel_cost", `-8.5`), "falafel_cost"},
			"a cost of 1e999":             {field("falafel_cost", `1e999`), "1e999"},
			"a name of 201 characters":    {field("falafel_restaurant", `"`+strings.Repeat("x", 201)+`"`), "falafel_restaurant"},
			"a name with NUL":             {field("falafel_restaurant", `"a\u0000b"`), "falafel_restaurant"},
			"a name that is space":        {field("falafel_restaurant", `"  "`), "falafel_restaurant"},
			"deep nesting":                {field("deep", strings.Repeat("[", 50_000)), "malformed JSON"},
			"a number that is not one":    {field("falafel_cost", `NaN`), "malformed JSON"},
			"a cost of a hundred million": {field("falafel_cost", `100000000`), "falafel_cost"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := s.createEarlierReview(test.body).expect(t, http.StatusBadRequest)
				assert.NotEqual(t, missingFields, a.body)
				assert.Contains(t, a.body, test.says)
			})
		}
		t.Run("another charset", func(t *testing.T) {
			t.Parallel()
			s.do(http.MethodPost, "/data").sends("application/json; charset=latin1", data(nil)).expect(t, http.StatusUnsupportedMediaType)
		})
		t.Run("a compressed body", func(t *testing.T) {
			t.Parallel()
			s.createEarlierReview(data(nil)).with("Content-Encoding", "gzip").expect(t, http.StatusUnsupportedMediaType)
		})
	})
}

func TestGetDataListsEveryReviewNewestFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, body := range []string{
			`{"falafel_restaurant":"Habibi","falafel_rating":4.5,"falafel_time":"2023-10-03T14:30:00Z","falafel_cost":8.5}`,
			`{"falafel_restaurant":"Habibi","falafel_rating":5,"falafel_time":"12:30","falafel_cost":0.1}`,
			`{"falafel_restaurant":" Habibi ","falafel_rating":1.0,"falafel_time":" <yesterday> ","falafel_cost":1234.5678}`,
		} {
			s.createEarlierReview(body).expect(t, http.StatusOK)
		}
		a := s.get(dataOf("Habibi")+"&unknown=parameter").expect(t, http.StatusOK)
		assert.Equal(t, `[{"falafel_restaurant":"Habibi","falafel_rating":1,"falafel_time":" <yesterday> ","falafel_cost":1234.5678},`+
			`{"falafel_restaurant":"Habibi","falafel_rating":5,"falafel_time":"12:30","falafel_cost":0.1},`+
			`{"falafel_restaurant":"Habibi","falafel_rating":4.5,"falafel_time":"2023-10-03T14:30:00Z","falafel_cost":8.5}]`, a.body)
		assert.Equal(t, "application/json; charset=utf-8", a.header.Get("Content-Type"))
		assert.Empty(t, a.header.Get("Link"))

		etag := a.header.Get("ETag")
		require.NotEmpty(t, etag)
		s.listEarlierReviews("Habibi").with("If-None-Match", etag).expect(t, http.StatusNotModified)
		s.listEarlierReviews("Habibi").with("If-None-Match", `"a", `+strings.TrimPrefix(etag, "W/")).expect(t, http.StatusNotModified)
		s.listEarlierReviews("Habibi").with("If-None-Match", "*").expect(t, http.StatusNotModified)
		s.createEarlierReview(data(nil)).expect(t, http.StatusOK)
		s.listEarlierReviews("Habibi").with("If-None-Match", etag).expect(t, http.StatusOK)
	})
}

// Not every client encodes it, and Express did not ask for it.
func TestGetDataTakesASemicolonAsItIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.createEarlierReview(`{"falafel_restaurant":"Fish;Chips","falafel_rating":4.5,"falafel_time":"12:30","falafel_cost":8.5}`).expect(t, http.StatusOK)
		for path, leniency := range map[string]string{
			"/data?falafel_restaurant=Fish;Chips":       "clients of the earlier service did not encode it",
			"/data?x=;&falafel_restaurant=Fish%3BChips": "",
		} {
			a := s.get(path).lenient(leniency).expect(t, http.StatusOK)
			assert.Contains(t, a.body, "Fish;Chips", path)
		}
	})
}

func TestGetDataOfNoOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		assert.Equal(t, `[]`, s.listEarlierReviews("Nobody was here").expect(t, http.StatusOK).body)
		for _, path := range []string{"/data", "/data?", "/data?falafel_restaurant", "/data?falafel_restaurant=", "/data?restaurant=Habibi", "/data?Falafel_Restaurant=Habibi"} {
			assert.Equal(t, missingRestaurant, s.get(path).expect(t, http.StatusBadRequest).body, path)
		}
		for _, path := range []string{"/data?falafel_restaurant=%FF", "/data?falafel_restaurant=a%00b", "/data?falafel_restaurant=%20", dataOf(strings.Repeat("x", 201))} {
			assert.Contains(t, s.get(path).expect(t, http.StatusBadRequest).body, "falafel_restaurant", path)
		}
	})
}

func TestGetDataPointsBeyondAThousandReviews(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const all = 2001
		first := s.createEarlier(t, "Busy", "0")
		template := s.item(t, "RESTAURANT#Busy", "REVIEW#"+first.ID)
		want := []string{"0"}
		var items []dynamodbItem
		ids := uuid.NewGen() // the service's own would go on from the future
		for i := 1; i < all; i++ {
			id, err := ids.NewV7AtTime(time.Now().Add(time.Duration(i) * time.Second))
			require.NoError(t, err)
			item := maps.Clone(template)
			item["sk"], item["visited_at"] = text("REVIEW#"+id.String()), text(fmt.Sprint(i))
			items, want = append(items, item), append([]string{fmt.Sprint(i)}, want...)
		}
		s.fill(t, items)

		var got []string
		var sizes []int
		for path := dataOf("Busy"); path != ""; {
			a := s.get(path).expect(t, http.StatusOK)
			page := decode[[]map[string]any](t, a)
			sizes = append(sizes, len(page))
			for _, r := range page {
				got = append(got, fmt.Sprint(r["falafel_time"]))
			}
			path = a.next(t)
		}
		assert.Equal(t, []int{1000, 1000, 1}, sizes)
		assert.Equal(t, want, got)

		cursor := s.listEarlierReviews("Busy").expect(t, http.StatusOK).next(t)
		_, ours, _ := strings.Cut(cursor, "cursor=")
		for name, path := range map[string]string{
			"made up":               dataOf("Busy") + "&cursor=abc",
			"altered":               dataOf("Busy") + "&cursor=" + altered(ours),
			"of another restaurant": dataOf("Other") + "&cursor=" + ours,
		} {
			assert.Contains(t, s.get(path).expect(t, http.StatusBadRequest).body, "cursor", name)
		}
	})
}

func TestDataWithoutADatabase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.createEarlierReview(data(nil)).expect(t, http.StatusOK)
		s.line.become(cut)
		assert.Equal(t, insertFailed, s.createEarlierReview(data(nil)).expect(t, http.StatusInternalServerError).body)
		assert.Equal(t, fetchFailed, s.listEarlierReviews("Habibi").expect(t, http.StatusInternalServerError).body)
		assert.Equal(t, "Server is running!", s.getStatus().expect(t, http.StatusOK).body)
		assert.Equal(t, missingFields, s.createEarlierReview("{}").expect(t, http.StatusBadRequest).body, "is known without asking")
		s.line.become(sound)
		s.listEarlierReviews("Habibi").expect(t, http.StatusOK)
	}, withLine)
}

func TestTheAPIHasNoMetrics(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, path := range []string{"/metrics", "/livez", "/readyz", "/debug/pprof/"} {
			s.get(path).expect(t, http.StatusNotFound)
		}
	})
}

// altered is a text with one character changed in its middle.
func altered(s string) string {
	with := "A"
	if s[len(s)/2] == 'A' {
		with = "B"
	}
	return s[:len(s)/2] + with + s[len(s)/2+1:]
}
