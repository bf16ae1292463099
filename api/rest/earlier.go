package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

// The routes of the earlier service, kept to the letter so that its clients move
// without a change: what they send, what they get, the errors in their own form.
// They are not huma operations, which would answer errors as problem details.

const (
	earlierPath = "/data"

	// The messages that clients compare.
	errMissingFields     = "Missing required fields"
	errMissingRestaurant = "falafel_restaurant query parameter is required"
	errInsert            = "Failed to insert data into DynamoDB"
	errFetch             = "Failed to fetch data from DynamoDB"

	statusText = "Server is running!"
)

// EarlierReview is a review in the earlier service's form.
type EarlierReview struct {
	Restaurant string `json:"falafel_restaurant" minLength:"1" maxLength:"200" example:"Habibi" doc:"Name of the restaurant."`
	Rating     Rating `json:"falafel_rating" example:"4.5" doc:"Above 0, at most 5, at most one decimal."`
	Time       string `json:"falafel_time" minLength:"1" maxLength:"102400" example:"2023-10-03T14:30:00Z" doc:"When; any text."`
	Cost       Cost   `json:"falafel_cost" example:"8.5" doc:"At most four decimals."`
}

// EarlierError is an error in the earlier service's form.
type EarlierError struct {
	Error string `json:"error" doc:"What is wrong."`
}

// isEarlier reports that a request is for a route whose errors have the earlier form.
func isEarlier(r *http.Request) bool { return r.URL.Path == earlierPath }

// writeEarlierProblem answers an error in the earlier service's form.
func writeEarlierProblem(w http.ResponseWriter, r *http.Request, kind problemKind, format string, args ...any) {
	writeEarlierError(w, r, kind.status, fmt.Sprintf(format, args...))
}

func writeEarlierError(w http.ResponseWriter, r *http.Request, status int, message string) {
	writeEarlierJSON(w, r, status, EarlierError{message})
}

func writeEarlierJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	var body bytes.Buffer
	if err := writeJSON(&body, v); err != nil {
		slog.ErrorContext(r.Context(), "earlier service's JSON", "error", err) // strings and numbers: cannot happen
	}
	content := bytes.TrimSuffix(body.Bytes(), []byte("\n"))
	if status == http.StatusOK && r.Method != http.MethodPost {
		writeConditional(w, r, earlierMediaType, content)
		return
	}
	w.Header().Set("Content-Type", earlierMediaType)
	w.WriteHeader(status)
	_, _ = w.Write(content) // the client may be gone
}

// HealthPath is what a load balancer asks: whether the process answers. It does not ask
// the database, whose failure a new process would not mend.
const HealthPath = "/status"

// ReleaseHeader of the answer at [HealthPath] says which deployment answers, so that
// whoever rolls one out can tell when the public sees it.
const ReleaseHeader = "X-Release"

const earlierMediaType = "application/json; charset=utf-8"

func registerEarlier(api huma.API, mux *http.ServeMux, reviews Reviews, cursors cursors, release string) {
	documentEarlier(api)
	mux.HandleFunc("GET "+HealthPath, func(w http.ResponseWriter, r *http.Request) {
		if release != "" {
			w.Header().Set(ReleaseHeader, release)
		}
		writeConditional(w, r, "text/plain; charset=utf-8", []byte(statusText))
	})
	mux.HandleFunc("POST "+earlierPath, func(w http.ResponseWriter, r *http.Request) { postEarlier(w, r, reviews) })
	mux.HandleFunc("GET "+earlierPath, func(w http.ResponseWriter, r *http.Request) { getEarlier(w, r, reviews, cursors) })
}

func postEarlier(w http.ResponseWriter, r *http.Request, reviews Reviews) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil { // from memory, see bounded
		writeEarlierError(w, r, http.StatusBadRequest, "The body cannot be read")
		return
	}
	name, content, status, message := parseEarlier(r.Header.Get("Content-Type"), body.Bytes())
	if message != "" {
		writeEarlierError(w, r, status, message)
		return
	}
	made, err := review.New(name, content, time.Now())
	if err == nil {
		_, err = reviews.Create(r.Context(), made, review.Idempotency{})
	}
	var invalid *review.InvalidError
	switch {
	case errors.As(err, &invalid):
		writeEarlierError(w, r, http.StatusBadRequest, earlierWords(invalid))
	case err != nil:
		slog.ErrorContext(r.Context(), errInsert, "error", err)
		writeEarlierError(w, r, http.StatusInternalServerError, errInsert)
	default:
		writeEarlierJSON(w, r, http.StatusOK, json.RawMessage(body.Bytes()))
	}
}

// parseEarlier reads a review, or says with which status and message it is refused.
func parseEarlier(contentType string, body []byte) (name review.Name, content review.Content, status int, message string) {
	refuse := func(status int, message string) (review.Name, review.Content, int, string) {
		return "", review.Content{}, status, message
	}
	// A body that is not declared as JSON was never looked at.
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/json" || len(bytes.TrimSpace(body)) == 0 {
		return refuse(http.StatusBadRequest, errMissingFields)
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refuse(http.StatusUnsupportedMediaType, fmt.Sprintf("unsupported charset %q: JSON is UTF-8", charset))
	}
	tree, err := readJSON(body)
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	object, _ := tree.(map[string]any) // what is no object has no fields
	fields := []string{"falafel_restaurant", "falafel_rating", "falafel_time", "falafel_cost"}
	for _, field := range fields {
		if missing(object[field]) {
			return refuse(http.StatusBadRequest, errMissingFields)
		}
	}
	for i, field := range fields {
		_, isText := object[field].(string)
		_, isNumber := object[field].(float64)
		switch wantNumber := i%2 == 1; {
		case wantNumber && !isNumber:
			return refuse(http.StatusBadRequest, field+" must be a number")
		case !wantNumber && !isText:
			return refuse(http.StatusBadRequest, field+" must be a string")
		}
	}
	// The tree has approximate numbers. Not an EarlierReview, in which encoding/json
	// would also find the cost under FALAFEL_COST.
	var exact map[string]json.RawMessage
	if err := json.Unmarshal(body, &exact); err != nil {
		return refuse(http.StatusBadRequest, "malformed JSON")
	}
	restaurant, _ := object["falafel_restaurant"].(string)
	visited, _ := object["falafel_time"].(string)
	content = review.Content{Currency: review.DefaultCurrency, Visited: visited}
	if content.Rating, err = review.ParseDecimal(string(exact["falafel_rating"])); err != nil {
		return refuse(http.StatusBadRequest, "falafel_rating: "+err.Error()) // too many digits
	}
	if content.Cost, err = review.ParseDecimal(string(exact["falafel_cost"])); err != nil {
		return refuse(http.StatusBadRequest, "falafel_cost: "+err.Error())
	}
	name, err = review.ParseName(restaurant)
	if invalid, ok := errors.AsType[*review.InvalidError](err); ok {
		return refuse(http.StatusBadRequest, earlierWords(invalid))
	}
	return name, content, 0, ""
}

// missing is JavaScript's idea of it, in which the earlier service checked: absent,
// null, false, zero, empty.
func missing(value any) bool {
	switch v := value.(type) {
	case nil, jsonNull:
		return true
	case bool:
		return !v
	case float64:
		return v == 0
	case string:
		return v == ""
	default:
		return false
	}
}

// earlierWords are the violated rules with the earlier names of the fields.
func earlierWords(invalid *review.InvalidError) string {
	names := map[string]string{"restaurant": "falafel_restaurant", "rating": "falafel_rating", "cost": "falafel_cost", "visited_at": "falafel_time"}
	words := make([]string, len(invalid.Violations))
	for i, v := range invalid.Violations {
		words[i] = names[v.Field] + " " + v.Rule
	}
	return strings.Join(words, "; ")
}

func getEarlier(w http.ResponseWriter, r *http.Request, reviews Reviews, cursors cursors) {
	// Express took a semicolon for a character of a value, as URLs have it today
	// (URL Standard, section 5.1); Go drops a parameter that has one.
	query, _ := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B")) // what is malformed counts as absent
	given := query.Get("falafel_restaurant")
	if given == "" {
		writeEarlierError(w, r, http.StatusBadRequest, errMissingRestaurant)
		return
	}
	name, err := review.ParseName(given)
	if invalid, ok := errors.AsType[*review.InvalidError](err); ok {
		writeEarlierError(w, r, http.StatusBadRequest, earlierWords(invalid))
		return
	}
	list := earlierPath + "?" + url.Values{"falafel_restaurant": {string(name)}}.Encode()
	position, err := cursors.open(list, query.Get("cursor"))
	if err != nil {
		writeEarlierError(w, r, http.StatusBadRequest, "cursor "+err.Error())
		return
	}
	page, err := reviews.EarlierReviewsOf(r.Context(), name, review.PageRequest{Limit: review.MaxEarlierPage, After: position})
	if err != nil {
		slog.ErrorContext(r.Context(), errFetch, "error", err)
		writeEarlierError(w, r, http.StatusInternalServerError, errFetch)
		return
	}
	if page.Next != "" {
		w.Header().Set("Link", nextLink(list, url.Values{"cursor": {cursors.seal(list, page.Next)}}))
	}
	answer := make([]EarlierReview, len(page.Items))
	for i, stored := range page.Items {
		answer[i] = EarlierReview{Restaurant: string(stored.Restaurant), Rating: Rating{stored.Rating}, Time: stored.Visited, Cost: Cost{stored.Cost}}
	}
	writeEarlierJSON(w, r, http.StatusOK, answer)
}
