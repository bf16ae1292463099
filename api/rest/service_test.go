package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/traces/tracestest"
	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

// A service is the API and its operations, served over HTTP, on a table of its own.
type service struct {
	api        *httptest.Server
	metrics    *httptest.Server // the port of the operators
	operations *rest.Operations
	counts     *telemetry.Metrics
	store      *store.Store
	database   *dynamodb.Client // past the line
	table      string
	line       *line         // between the service and its database; nil unless asked for
	faults     *faults.Proxy // so as well
}

// settings are what a test may choose.
type settings struct {
	timeout time.Duration
	origins []string
	release string
	line    bool
	faults  bool
}

type option func(*settings)

func withTimeout(d time.Duration) option   { return func(s *settings) { s.timeout = d } }
func withOrigins(origins ...string) option { return func(s *settings) { s.origins = origins } }

// withLine puts a line between the service and its database that the test can cut.
func withLine(s *settings) { s.line = true }

// each runs a test on a service of its own for each database.
func each(t *testing.T, run func(t *testing.T, s *service), options ...option) {
	t.Helper()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		run(t, start(t, db, options...))
	})
}

// start serves on a fresh table until the end of the test.
func start(t testing.TB, db *dynamodbtest.Backend, options ...option) *service {
	t.Helper()
	chosen := settings{timeout: 10 * time.Second}
	for _, choose := range options {
		choose(&chosen)
	}
	s := &service{database: db.Client, table: db.Table(t, store.Definition(""))}
	endpoint := db.Endpoint
	if chosen.line {
		s.line = newLine(t, db.Endpoint)
		endpoint = s.line.url
	}
	if chosen.faults {
		s.faults, endpoint = newFaults(t, endpoint)
	}
	var err error
	s.counts = telemetry.NewMetrics(telemetry.Build{})
	tracing := telemetry.NewTracing(tracestest.Provider(t)) // a test that fails prints what the service did
	s.store, err = store.Open(t.Context(), clientAt(t, db, endpoint), s.table, s.counts, tracing)
	require.NoError(t, err)
	cursorKey, err := s.store.CursorKey(t.Context())
	require.NoError(t, err)
	api, err := rest.New(s.store, rest.Options{
		CursorKey: cursorKey, Metrics: s.counts, Tracing: tracing, Timeout: chosen.timeout, Origins: chosen.origins,
		Release: chosen.release,
	})
	require.NoError(t, err)
	s.operations = rest.NewOperations(s.counts, s.store.Ready, &logLevel)
	s.api, s.metrics = httptest.NewServer(api), httptest.NewServer(s.operations)
	t.Cleanup(s.api.Close)
	t.Cleanup(s.metrics.Close)
	return s
}

// clientAt is the client that the service makes for itself, of the same database at
// another endpoint.
func clientAt(t testing.TB, db *dynamodbtest.Backend, endpoint string) *dynamodb.Client {
	t.Helper()
	connected, err := connect(t)
	require.NoError(t, err)
	return dynamodb.New(connected.Options(), func(o *dynamodb.Options) {
		known := db.Client.Options()
		o.BaseEndpoint, o.Region, o.Credentials = &endpoint, known.Region, known.Credentials
	})
}

var connectOnce sync.Once

// connect is store.Connect, which reads the environment. That is the same for all tests:
// whatever is not in it is put there.
func connect(t testing.TB) (*dynamodb.Client, error) {
	t.Helper()
	connectOnce.Do(func() {
		for name, value := range map[string]string{"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"} {
			if _, set := os.LookupEnv(name); !set {
				assert.NoError(t, os.Setenv(name, value)) //nolint:usetesting // parallel tests cannot use t.Setenv
			}
		}
	})
	return store.Connect(t.Context())
}

// The log of all tests. The service logs by slog's default logger.
var logged lockedBuffer

var logLevel slog.LevelVar

func init() {
	logLevel.Set(slog.LevelDebug)
	slog.SetDefault(telemetry.NewLogger(&logged, telemetry.JSON, &logLevel))
}

type lockedBuffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}

// A request is on its way to the service: made by the client that we ship, or raw where
// that client cannot make it.
type request struct {
	server *httptest.Server
	method string
	path   string
	header http.Header
	body   io.Reader
	call   call   // nil: raw
	public bool   // the API is asked: the document has it
	beyond string // see lenient
}

// A call is an operation of the client.
type call func(context.Context, goclient.ClientInterface, ...goclient.RequestEditorFn) (*http.Response, error)

// do is a raw request.
func (s *service) do(method, path string) *request {
	return &request{server: s.api, method: method, path: path, header: http.Header{}, public: true}
}

// calls is a request of the client.
func (s *service) calls(operation call) *request {
	r := s.do("", "")
	r.call = operation
	return r
}

func (s *service) get(path string) *request    { return s.do(http.MethodGet, path) }
func (s *service) delete(path string) *request { return s.do(http.MethodDelete, path) }

func (s *service) post(path, body string) *request {
	return s.do(http.MethodPost, path).sends("application/json", body)
}

func (r *request) sends(mediaType, body string) *request {
	r.body = strings.NewReader(body)
	return r.with("Content-Type", mediaType)
}

// with adds a header; "" is one that is empty, and not one that is missing.
func (r *request) with(name, value string) *request {
	r.header.Add(name, value)
	return r
}

// lenient says why the API accepts the request, although its document does not admit it.
func (r *request) lenient(reason string) *request {
	r.beyond = reason
	return r
}

// An answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// send expects what every answer has in common, and returns it.
func (r *request) send(t testing.TB) *answer {
	t.Helper()
	a, err := r.try(t.Context())
	require.NoError(t, err, "%s %s", r.method, r.path)
	a.ordinary(t, r)
	return a
}

// try is send where the test's goroutine is another, or the answer no ordinary one.
func (r *request) try(ctx context.Context) (*answer, error) {
	client := *r.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if r.public {
		seen, err := witness(client.Transport, r.beyond)
		if err != nil {
			return nil, err
		}
		client.Transport = seen
	}
	in, err := r.through(ctx, &client)
	if problem, ok := errors.AsType[*goclient.Problem](err); ok {
		in, err = problem.Response, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Body.Close()
	r.method, r.path = in.Request.Method, in.Request.URL.RequestURI()
	body, err := io.ReadAll(in.Body)
	return &answer{in.StatusCode, in.Header, string(body)}, err
}

func (r *request) through(ctx context.Context, client *http.Client) (*http.Response, error) {
	if r.call != nil {
		if r.body != nil {
			return nil, errors.New("the client makes the body of its request")
		}
		ours, err := goclient.New(r.server.URL, goclient.Through(client), goclient.Attempts(1)) // a test sees every answer
		if err != nil {
			return nil, err
		}
		return r.call(ctx, ours.ClientInterface, func(_ context.Context, out *http.Request) error {
			maps.Copy(out.Header, r.header)
			return nil
		})
	}
	out, err := http.NewRequestWithContext(ctx, r.method, r.server.URL+r.path, r.body)
	if err != nil {
		return nil, err
	}
	out.Header = r.header
	return client.Do(out)
}

// together sends requests at the same time.
func together(t testing.TB, requests ...*request) []*answer {
	t.Helper()
	answers, errs := make([]*answer, len(requests)), make([]error, len(requests))
	var sending sync.WaitGroup
	for i, r := range requests {
		sending.Go(func() { answers[i], errs[i] = r.try(t.Context()) })
	}
	sending.Wait()
	require.NoError(t, errors.Join(errs...))
	for i, a := range answers {
		a.ordinary(t, requests[i])
	}
	return answers
}

// expect sends the request and requires the status.
func (r *request) expect(t testing.TB, status int) *answer {
	t.Helper()
	a := r.send(t)
	require.Equal(t, status, a.status, "%s %s: %s", r.method, r.path, a.body)
	return a
}

var (
	serverTiming = regexp.MustCompile(`^dynamodb;dur=(\d+(?:\.\d+)?);desc="(\d+) calls", read-units;desc="(\d+(?:\.\d+)?)", write-units;desc="(\d+(?:\.\d+)?)"$`)

	// leak is what an answer to a client must never say: how the service is made.
	leak = regexp.MustCompile(`Go value|Go struct|\bstruct\b|json:|jsontext|(?i)unmarshal|strconv\.|reflect|float64|int64|map\[|interface|\.go:|goroutine|dynamodb:|ConditionalCheck|smithy|127\.0\.0\.1`)
)

// ordinary checks what every answer of the API must be.
func (a *answer) ordinary(t testing.TB, r *request) {
	t.Helper()
	what := r.method + " " + r.path
	assert.Regexp(t, serverTiming, a.header.Get("Server-Timing"), what)
	assert.NotEmpty(t, a.header.Get("X-Request-Id"), what)
	assert.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"), what)
	switch {
	case a.status == http.StatusNoContent, a.status == http.StatusNotModified:
		assert.Empty(t, a.body, what)
		assert.Empty(t, a.header.Get("Content-Type"), what)
	case a.status < http.StatusBadRequest || r.method == http.MethodHead:
	case (r.path == "/data" || strings.HasPrefix(r.path, "/data?")) && a.status != http.StatusMethodNotAllowed: // which was no answer of the earlier service
		failed := decode[map[string]string](t, a)
		assert.NotEmpty(t, failed["error"], what)
		assert.Len(t, failed, 1, what)
	default:
		assert.Equal(t, "application/problem+json", a.header.Get("Content-Type"), what)
		p := decode[rest.Problem](t, a)
		assert.Regexp(t, `^/problems/[a-z-]+$`, p.Type, what)
		assert.NotEmpty(t, p.Title, what)
		assert.NotEmpty(t, p.Detail, what)
		assert.Equal(t, a.status, p.Status, what)
		assert.Equal(t, a.header.Get("X-Request-Id"), p.RequestID, what)
		for _, e := range p.Errors {
			assert.NotEmpty(t, e.Message, what)
		}
	}
	if a.status >= http.StatusBadRequest {
		assert.NotRegexp(t, leak, a.body, what)
	}
}

// decode reads the answer's JSON.
func decode[T any](t testing.TB, a *answer) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), &v), a.body)
	return v
}

// problem reads an error, and requires its type.
func (a *answer) problem(t testing.TB, kind string) rest.Problem {
	t.Helper()
	p := decode[rest.Problem](t, a)
	require.Equal(t, "/problems/"+kind, p.Type, a.body)
	return p
}

// next is the path of the next page; "" on the last.
func (a *answer) next(t testing.TB) string {
	t.Helper()
	link := a.header.Get("Link")
	if link == "" {
		return ""
	}
	parts := regexp.MustCompile(`^<(/[^<>]*)>; rel="next"$`).FindStringSubmatch(link)
	require.NotNil(t, parts, link)
	return parts[1]
}

func restaurantPath(name string) string { return "/v1/restaurants/" + url.PathEscape(name) }
func reviewsPath(name string) string    { return restaurantPath(name) + "/reviews" }

// plain is a review that is nothing special.
const plain = `{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"currency":"EUR","comment":"Crisp."}`

// made is a review that a test made: where it is, its entity tag, how it looks.
type made struct {
	path, etag string
	rest.Review
}

// at is where a review may be that no test has made.
func at(restaurant, id string) made {
	return made{Review: rest.Review{ID: id, Restaurant: restaurant}}
}

func (s *service) create(t testing.TB, restaurant, body string) made {
	t.Helper()
	return s.createReview(restaurant, body).expect(t, http.StatusCreated).made(t)
}

// made reads the answer to a creation.
func (a *answer) made(t testing.TB) made {
	t.Helper()
	return made{a.header.Get("Location"), a.header.Get("ETag"), decode[rest.Review](t, a)}
}

// createEarlier makes a review as a client of the earlier service does, and finds it.
func (s *service) createEarlier(t testing.TB, restaurant, visited string) made {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"falafel_restaurant": restaurant, "falafel_rating": 4.5, "falafel_time": visited, "falafel_cost": 8.5,
	})
	require.NoError(t, err)
	s.createEarlierReview(string(body)).expect(t, http.StatusOK)
	list := decode[rest.List[rest.Review]](t, s.listReviewsOf(restaurant).expect(t, http.StatusOK))
	require.NotEmpty(t, list.Items)
	path := reviewsPath(restaurant) + "/" + list.Items[0].ID
	return made{path, s.get(path).expect(t, http.StatusOK).header.Get("ETag"), list.Items[0]}
}

// item reads one item as it lies in the table.
func (s *service) item(t testing.TB, pk, sk string) dynamodbItem {
	t.Helper()
	out, err := s.database.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.table, Key: keyOf(pk, sk), ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	require.NotEmpty(t, out.Item, "%s, %s", pk, sk)
	return out.Item
}

// unchanged requires that a review is as it was made. Like absent it is fit for a
// Cleanup, which comes after the parallel subtests, and after the test's context.
func (s *service) unchanged(t testing.TB, m made) {
	t.Helper()
	id, err := uuid.FromString(m.ID)
	require.NoError(t, err)
	stored, err := s.store.Review(context.WithoutCancel(t.Context()), review.Name(m.Restaurant), id)
	if assert.NoError(t, err) {
		assert.Equal(t, m.Version, stored.Version)
	}
}

// absent requires that a restaurant has no review.
func (s *service) absent(t testing.TB, restaurant review.Name) {
	t.Helper()
	_, _, err := s.store.Restaurant(context.WithoutCancel(t.Context()), restaurant)
	assert.ErrorIs(t, err, review.ErrNotFound)
}

// eventually waits until the condition holds: an index may lag behind its table.
func eventually(t testing.TB, condition func(t *assert.CollectT)) {
	t.Helper()
	require.EventuallyWithT(t, condition, 20*time.Second, 20*time.Millisecond)
}
