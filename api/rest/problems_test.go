package rest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
)

// with is a review with one member in place of the usual one; "" leaves it out.
func with(member, value string) string {
	body := "{"
	for name, usual := range map[string]string{"rating": "4.5", "visited_at": `"2026-11-20T12:30:00Z"`, "cost": "8.5"} {
		if name != member {
			body += fmt.Sprintf("%q:%s,", name, usual)
		}
	}
	if value == "" {
		return strings.TrimSuffix(body, ",") + "}"
	}
	return body + fmt.Sprintf("%q:%s}", member, value)
}

// malformed bodies are no JSON, or JSON of which something would be lost.
var malformed = map[string]string{
	"no body":                         "",
	"space":                           " ",
	"half an object":                  `{"rating":`,
	"half a text":                     `{"comment":"abc`,
	"two values":                      plain + plain,
	"text behind":                     plain + "x",
	"a trailing comma":                strings.Replace(plain, "}", ",}", 1),
	"single quotes":                   `{'rating':4.5}`,
	"a comment":                       "/* review */" + plain,
	"a member that stands twice":      with("rating", `1,"rating":2`),
	"a member twice, once escaped":    with("rating", `1,"r\u0061ting":2`),
	"an inner member twice":           with("comment", `{"a":1,"a":2}`),
	"a high surrogate":                with("comment", `"\ud800"`),
	"a low surrogate":                 with("comment", `"\udc00 alone"`),
	"surrogates in the wrong order":   with("comment", `"\udc00\ud800"`),
	"a surrogate in a member's name":  with(`comment`, `"","\ud800":1`),
	"invalid UTF-8":                   with("comment", "\"\xff\""),
	"UTF-8 of a surrogate":            with("comment", "\"\xed\xa0\x80\""),
	"overlong UTF-8":                  with("comment", "\"\xc0\xaf\""),
	"invalid UTF-8 in a name":         with("comment", "\"\",\"\xff\":1"),
	"UTF-16":                          "\xff\xfe{\x00}\x00",
	"a control character in a text":   with("comment", "\"a\x01b\""),
	"a line break in a text":          with("comment", "\"a\nb\""),
	"an unknown escape":               with("comment", `"\x41"`),
	"NaN":                             with("rating", "NaN"),
	"Infinity":                        with("cost", "Infinity"),
	"minus Infinity":                  with("cost", "-Infinity"),
	"a number with a plus":            with("cost", "+1"),
	"a number with a leading zero":    with("cost", "01"),
	"a number that ends with a point": with("cost", "1."),
	"a number that begins with one":   with("cost", ".5"),
	"a number in base 16":             with("cost", "0x10"),
	"a number of no digits":           with("cost", "1e"),
	"deep arrays":                     strings.Repeat("[", 100_000),
	"deep objects":                    strings.Repeat(`{"a":`, 20_000),
	"deep arrays that end":            with("comment", strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)),
}

// invalid bodies are JSON and no review.
var invalid = map[string]string{
	"an array":                           "[]",
	"null":                               "null",
	"a text":                             `"review"`,
	"a number":                           "1",
	"true":                               "true",
	"an empty object":                    "{}",
	"an unknown member":                  with("surprise", "1"),
	"a member in capitals":               with("Comment", `""`),
	"a member of the earlier form":       with("falafel_rating", "1"),
	"an empty name":                      with("", "1"),
	"arrays of some depth":               with("comment", strings.Repeat("[", 5_000)+strings.Repeat("]", 5_000)),
	"a rating that is null":              with("rating", "null"),
	"a rating that is a text":            with("rating", `"4.5"`),
	"a rating that is true":              with("rating", "true"),
	"a rating that is an array":          with("rating", "[4.5]"),
	"a rating that is an object":         with("rating", `{"value":4.5}`),
	"a rating of 0":                      with("rating", "0"),
	"a rating of minus 0":                with("rating", "-0"),
	"a rating below 0":                   with("rating", "-1"),
	"a rating of 5.1":                    with("rating", "5.1"),
	"a rating a little above 5":          with("rating", "5.00000000000000000000000001"),
	"a rating of two decimals":           with("rating", "4.55"),
	"a rating of 40 digits":              with("rating", "4."+strings.Repeat("1", 40)),
	"a rating of 1e999":                  with("rating", "1e999"),
	"a rating of 1e-999":                 with("rating", "1e-999"),
	"a rating of minus 1e999":            with("rating", "-1e999"),
	"a rating of 1e9999999999":           with("rating", "1e9999999999"),
	"a rating of 1e99999999999999999999": with("rating", "1e99999999999999999999"),
	"a cost that is null":                with("cost", "null"),
	"a cost that is a text":              with("cost", `"8.5"`),
	"a cost below 0":                     with("cost", "-0.01"),
	"a cost of five decimals":            with("cost", "0.00001"),
	"a cost of a hundred million":        with("cost", "100000000"),
	"a cost of 1e400":                    with("cost", "1e400"),
	"a cost of minus 1e400":              with("cost", "-1e400"),
	"a cost of 40 digits":                with("cost", "1."+strings.Repeat("3", 40)),
	"a cost of 40 digits in front":       with("cost", strings.Repeat("3", 40)),
	"a cost of 100,000 digits":           with("cost", strings.Repeat("3", 100_000)),
	"a cost of 100,000 zeros":            with("cost", "1."+strings.Repeat("0", 100_000)),
	"a cost of 100,000 zeros in front":   with("cost", "1"+strings.Repeat("0", 100_000)+"e-100000"),
	"a rating of 100,000 zeros":          with("rating", "4."+strings.Repeat("0", 100_000)),
	"no visit":                           with("visited_at", ""),
	"a visit that is null":               with("visited_at", "null"),
	"a visit that is empty":              with("visited_at", `""`),
	"a visit that is a number":           with("visited_at", "1763638200"),
	"a visit without a zone":             with("visited_at", `"2026-11-20T12:30:00"`),
	"a visit without a time":             with("visited_at", `"2026-11-20"`),
	"a visit without a date":             with("visited_at", `"12:30"`),
	"a visit in the year 0":              with("visited_at", `"0000-01-01T00:00:00Z"`),
	"a visit in the year 0, in UTC":      with("visited_at", `"0001-01-01T00:00:00+01:00"`),
	"a visit in the year 10000":          with("visited_at", `"10000-01-01T00:00:00Z"`),
	"a visit in 10000, in UTC":           with("visited_at", `"9999-12-31T23:59:59-01:00"`),
	"a visit in the year -1":             with("visited_at", `"-0001-01-01T00:00:00Z"`),
	"a visit in month 13":                with("visited_at", `"2026-13-01T00:00:00Z"`),
	"a visit on 30 February":             with("visited_at", `"2026-02-30T00:00:00Z"`),
	"a visit at hour 25":                 with("visited_at", `"2026-02-20T25:00:00Z"`),
	"a visit with a zone of 99":          with("visited_at", `"2026-02-20T12:00:00+99:00"`),
	"a visit yesterday":                  with("visited_at", `"yesterday"`),
	"a visit in other digits":            with("visited_at", `"٢٠٢٦-11-20T12:30:00Z"`),
	"a visit and a space":                with("visited_at", `"2026-11-20T12:30:00Z "`),
	"a long visit":                       with("visited_at", `"2026-11-20T12:30:00.`+strings.Repeat("1", 90_000)+`Zz"`),
	"a currency that is null":            with("currency", "null"),
	"a currency in lower case":           with("currency", `"eur"`),
	"a currency that is unknown":         with("currency", `"ABC"`),
	"a currency that is empty":           with("currency", `""`),
	"a currency that is a sign":          with("currency", `"€"`),
	"a currency and a space":             with("currency", `"EUR "`),
	"a currency and a line break":        with("currency", `"EUR\n"`),
	"a currency that is a number":        with("currency", "978"),
	"a comment that is null":             with("comment", "null"),
	"a comment that is a number":         with("comment", "1"),
	"a comment with NUL":                 with("comment", `"a\u0000b"`),
	"a comment with a bell":              with("comment", `"a\u0007b"`),
	"a comment with a C1 control":        with("comment", `"a\u0085b"`),
	"a comment of 2001 characters":       with("comment", `"`+strings.Repeat("x", 2001)+`"`),
	"a comment of 2001 emoji":            with("comment", `"`+strings.Repeat("🧆", 2001)+`"`),
	"an id that is a number":             with("id", "1"),
	"a version that is a text":           with("version", `"1"`),
	"a version that is null":             with("version", "null"),
}

func TestABodyThatIsNoReviewIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Here", plain)
		for name, body := range malformed {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s.createReview("Nowhere", body).expect(t, http.StatusBadRequest).problem(t, "malformed-request")
				s.replaceReview(m, body).expect(t, http.StatusBadRequest).problem(t, "malformed-request")
			})
		}
		for name, body := range invalid {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				a := s.createReview("Nowhere", body).expect(t, http.StatusUnprocessableEntity)
				p := a.problem(t, "validation")
				assert.Equal(t, "The request breaks a rule", p.Title)
				assert.NotEmpty(t, p.Errors, "what rule is broken")
				assert.Less(t, len(a.body), 2_000, "what was sent is not sent back at length")
				assert.Less(t, time.Since(began), 5*time.Second)
				s.replaceReview(m, body).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
			})
		}
		t.Cleanup(func() { s.unchanged(t, m); s.absent(t, "Nowhere") })
	})
}

func TestAnInvalidReviewNamesEveryRuleItBreaks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		p := s.createReview("Habibi", `{"rating":6,"visited_at":1,"cost":-1,"currency":"eur","surprise":true}`).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		var locations []string
		for _, e := range p.Errors {
			locations = append(locations, e.Location)
		}
		assert.ElementsMatch(t, []string{"body.rating", "body.visited_at", "body.cost", "body.currency", "body.surprise"}, locations)
		p = s.createReview("Habibi", `{"rating":4.55,"visited_at":"2026-11-20T12:30:00Z","cost":0.00001,"currency":"ABC","comment":"\u0000"}`).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		assert.Len(t, p.Errors, 4)
	})
}

func TestABodyAtItsBoundsIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, body := range []string{
			with("rating", "0.1"), with("rating", "5"), with("rating", "5.0"), with("cost", "0"), with("cost", "99999999.9999"),
			with("cost", "1."+strings.Repeat("0", 200)), with("cost", "1"+strings.Repeat("0", 100)+"e-100"),
			with("comment", `"`+strings.Repeat("🧆", 2000)+`"`), with("comment", `"`+strings.Repeat(`\ud83e\uddc6`, 2000)+`"`), with("comment", `"a\n\r\tb\u007e"`),
			with("visited_at", `"0001-01-01T00:00:00Z"`), with("visited_at", `"9999-12-31T23:59:59.999999999Z"`), with("visited_at", `"2026-11-20T12:30:00.123456789-23:59"`),
			plain + strings.Repeat(" ", rest.MaxBodyBytes-len(plain)),
		} {
			began := time.Now()
			a := s.createReview("Habibi", body).expect(t, http.StatusCreated)
			got := s.get(a.header.Get("Location")).expect(t, http.StatusOK)
			assert.Equal(t, a.body, got.body)
			assert.Less(t, time.Since(began), 2*time.Second, "%.80s", body)
		}
	})
}

func TestWhatCannotBeARestaurantsNameIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for what, name := range map[string]string{
			"a point": "%2E", "two points": "%2e%2E", "three points": "...", "slashes": "%2F%2F", "space": "%20", "spaces of all kinds": "%E3%80%80%C2%A0%09", "NUL": "a%00b", "a bell": "%07a", "a line break": "a%0Ab",
			"a C1 control": "a%C2%85b", "DEL": "%7Fa", "invalid UTF-8": "%FF", "half a character": "a%E2%82", "a surrogate": "%ED%A0%80", "201 characters": strings.Repeat("x", 201), "201 of four bytes": strings.Repeat("%F0%9F%A7%86", 201), "very long": strings.Repeat("x", 100_000),
		} {
			for _, r := range []*request{
				s.get("/v1/restaurants/" + name), s.get("/v1/restaurants/" + name + "/reviews"), s.post("/v1/restaurants/"+name+"/reviews", plain),
				s.get("/v1/restaurants/" + name + "/reviews/00000000-0000-0000-0000-000000000000"), s.delete("/v1/restaurants/" + name + "/reviews/00000000-0000-0000-0000-000000000000"),
			} {
				p := r.expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
				if assert.Len(t, p.Errors, 1, what) {
					assert.Equal(t, "path.restaurant", p.Errors[0].Location, what)
				}
			}
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, path := range []string{
			"/", "/v1", "/v1/", "/v2/reviews", "/v1/reviews/", "/v1/review", "/v1/restaurants/", "/v1/restaurants/Habibi/", "/v1/restaurants/Habibi/reviews/", "/v1/restaurants/a/b/c",
			"/V1/reviews", "/data/", "/Status", "/favicon.ico", "/.env", "/v1/restaurants/Habibi/reviews/x/y", "/v1/reviews%00",
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, "BREW"} {
				s.do(method, path).sends("application/json", "{}").expect(t, http.StatusNotFound).problem(t, "not-found")
			}
		}
		s.getRestaurant("Nobody").expect(t, http.StatusNotFound).problem(t, "not-found")
	})
}

func TestAnotherMethodIsToldWhichThereAre(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for path, allowed := range map[string]string{
			"/v1/reviews":                        "GET, HEAD",
			"/v1/restaurants":                    "GET, HEAD",
			"/v1/restaurants/Habibi":             "GET, HEAD",
			"/v1/restaurants/a%2Fb/reviews":      "GET, HEAD, POST",
			"/v1/restaurants/Habibi/reviews/any": "DELETE, GET, HEAD, PATCH, PUT",
			"/data":                              "GET, HEAD, POST",
			"/status":                            "GET, HEAD",
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "BREW", "get"} {
				if strings.Contains(allowed, method) {
					continue
				}
				a := s.do(method, path).expect(t, http.StatusMethodNotAllowed)
				assert.Equal(t, allowed, a.header.Get("Allow"))
				a.problem(t, "method-not-allowed")
			}
		}
	})
}

func TestV1AnswersInJSONOrNotAtAll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.create(t, "Habibi", plain)
		for _, accept := range []string{
			"application/json", "*/*", "application/*", "", "application/json; charset=utf-8", "application/json;charset=UTF-8", "APPLICATION/JSON", "text/html, application/json;q=0.5", "application/xml, */*;q=0.1", "application/json, */*;q=0",
			"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
			"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", // Java's HttpURLConnection
			"application/json, text/plain, */*",                    // axios
			"application/json, application/problem+json",
		} {
			a := s.get("/v1/restaurants/Habibi").with("Accept", accept).send(t)
			assert.Equal(t, http.StatusOK, a.status, accept)
			assert.Equal(t, "application/json", a.header.Get("Content-Type"), accept)
		}
		for _, accept := range []string{"text/html", "application/xml", "application/json;q=0", "application/json;q=0, */*", "application/json; charset=utf-8;q=0", "application/json; version=7", "*/*;q=0", "text/*", "application/cbor", "image/png, text/html;q=0.9"} {
			s.get("/v1/restaurants/Habibi").with("Accept", accept).expect(t, http.StatusNotAcceptable).problem(t, "not-acceptable")
			s.createReview("Habibi", plain).with("Accept", accept).expect(t, http.StatusNotAcceptable).problem(t, "not-acceptable")
		}
		assert.Equal(t, int64(1), s.countOf(t, "Habibi"), "what is not acceptable is not done")
		s.get("/v1/restaurants/Habibi").with("Accept", "text/html").with("Accept", "application/json").expect(t, http.StatusOK)
		// The earlier service never looked at it.
		s.listEarlierReviews("Habibi").with("Accept", "text/html").expect(t, http.StatusOK)
		s.getStatus().with("Accept", "application/json").expect(t, http.StatusOK)
	})
}

func TestAReviewIsSentAsJSON(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		for _, mediaType := range []string{"text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", mergePatch, jsonPatch, "application/problem+json", "application/jsonx", "application/cbor", "nonsense"} {
			s.do(http.MethodPost, reviewsPath("Habibi")).sends(mediaType, plain).expect(t, http.StatusUnsupportedMediaType).problem(t, "unsupported-media-type")
			s.do(http.MethodPut, m.path).sends(mediaType, plain).expect(t, http.StatusUnsupportedMediaType).problem(t, "unsupported-media-type")
		}
		for _, encoding := range []string{"gzip", "br", "deflate, gzip"} {
			a := s.createReview("Habibi", plain).with("Content-Encoding", encoding).expect(t, http.StatusUnsupportedMediaType)
			a.problem(t, "unsupported-media-type")
			assert.NotEmpty(t, a.header.Get("Accept-Encoding"))
		}
		for _, mediaType := range []string{"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "application/json ; x=y", "Application/JSON"} {
			s.do(http.MethodPost, reviewsPath("Habibi")).sends(mediaType, plain).expect(t, http.StatusCreated)
		}
	})
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		for _, size := range []int{rest.MaxBodyBytes + 1, 10 << 20} {
			large := plain + strings.Repeat(" ", size-len(plain))
			for _, r := range []*request{s.createReview("Habibi", large), s.replaceReview(m, large), s.patchReview(m, mergePatch, large), s.post("/v1/restaurants/Habibi/reviews", large)} {
				r.expect(t, http.StatusRequestEntityTooLarge).problem(t, "content-too-large")
			}
			chunked := s.post(reviewsPath("Habibi"), "")
			chunked.body = struct{ io.Reader }{strings.NewReader(large)}
			chunked.expect(t, http.StatusRequestEntityTooLarge).problem(t, "content-too-large")
		}
		assert.Equal(t, int64(1), s.countOf(t, "Habibi"))
	})
}

func TestABodyThatNeverEndsTimesOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for path, want := range map[string]string{"/v1/restaurants/Habibi/reviews": "/problems/request-timeout", "/data": `{"error":`} {
			connection, err := net.Dial("tcp", s.api.Listener.Addr().String())
			require.NoError(t, err)
			defer connection.Close()
			_, err = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", path)
			require.NoError(t, err)
			require.NoError(t, connection.SetReadDeadline(time.Now().Add(10*time.Second)))
			in, err := http.ReadResponse(bufio.NewReader(connection), nil)
			require.NoError(t, err)
			defer in.Body.Close()
			body, err := io.ReadAll(in.Body)
			require.NoError(t, err)
			assert.Equal(t, http.StatusRequestTimeout, in.StatusCode)
			assert.Contains(t, string(body), want)
			assert.Regexp(t, serverTiming, in.Header.Get("Server-Timing"))
		}
		s.create(t, "Habibi", plain)
	}, withTimeout(500*time.Millisecond))
}

func TestABodyThatBreaksOffIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		connection, err := net.Dial("tcp", s.api.Listener.Addr().String())
		require.NoError(t, err)
		defer connection.Close()
		_, err = fmt.Fprintf(connection, "POST /v1/restaurants/Habibi/reviews HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(plain)+1, plain)
		require.NoError(t, err)
		require.NoError(t, connection.(*net.TCPConn).CloseWrite())
		in, err := http.ReadResponse(bufio.NewReader(connection), nil)
		require.NoError(t, err)
		in.Body.Close()
		assert.Equal(t, http.StatusBadRequest, in.StatusCode)
		s.getRestaurant("Habibi").expect(t, http.StatusNotFound)
	})
}
