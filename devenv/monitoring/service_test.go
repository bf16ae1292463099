package monitoring_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/servicetest"
)

func TestMain(m *testing.M) {
	servicetest.Main()
	os.Exit(m.Run())
}

// api is the service, as a process of its own, and what is in front of its database.
type api struct {
	url     string
	metrics string // host:port
	line    *faults.Proxy
}

const table = "FalafelReviews"

// startAPI starts the service on a DynamoDB of its own.
func startAPI(t *testing.T) *api {
	t.Helper()
	client := embeddedtest.Start(t)
	_, err := client.CreateTable(t.Context(), store.SettingsOf(table).CreateTable)
	require.NoError(t, err)
	endpoint, err := url.Parse(*client.Options().BaseEndpoint)
	require.NoError(t, err)
	a := &api{line: faults.NewProxy(endpoint)}
	between := httptest.NewServer(a.line)
	t.Cleanup(between.Close)
	// It takes everything, and keeps nothing.
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(collector.Close)

	service := servicetest.Start(t, t.Output(), between.URL, table, "FALAFEL_RELEASE=monitored",
		// As in a container, which has a limit.
		"GOMEMLIMIT=460MiB", "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	a.url, a.metrics = "http://"+service.Addr, service.MetricsAddr
	return a
}

// sent is a request of the load.
type sent struct{ method, path, body, header string }

// round is what there is to ask, in an order that makes sense: the number makes a
// restaurant that is new.
func round(number int) []sent {
	const review = `{"rating": %d, "visited_at": "2026-11-20T12:30:00Z", "cost": 8.5}`
	body := fmt.Sprintf(review, 1+number%5)
	restaurant := fmt.Sprintf("/v1/restaurants/Number%%20%d", number)
	key := fmt.Sprintf("Idempotency-Key: round-%d", number)
	return []sent{
		{"POST", restaurant + "/reviews", body, key},
		{"POST", restaurant + "/reviews", body, key}, // which is a replay
		{"POST", restaurant + "/reviews", `{"rating": 99}`, ""},
		{"POST", "/v1/restaurants/Busy/reviews", body, ""},
		{"GET", "/v1/restaurants", "", ""},
		{"GET", "/v1/restaurants?sort=name", "", ""},
		{"GET", restaurant, "", ""},
		{"GET", restaurant + "/reviews", "", ""},
		{"GET", "/v1/restaurants/Nobody%20knows%20it", "", ""},
		{"GET", "/v1/reviews", "", ""},
		{"POST", "/data", fmt.Sprintf(`{"falafel_restaurant": "Number %d", "falafel_rating": 4, "falafel_time": "12:30", "falafel_cost": 8}`, number), ""},
		{"GET", fmt.Sprintf("/data?falafel_restaurant=Number%%20%d", number), "", ""},
		{"GET", "/data", "", ""},
		{"GET", "/status", "", ""},
		{"GET", "/nowhere", "", ""},
		{"BREW", "/status", "", ""},
	}
}

// load asks for everything that there is, again and again, until the context ends.
func (a *api) load(ctx context.Context) {
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for number := 0; ; number++ {
		for _, request := range round(number) {
			location := a.send(ctx, request)
			if location == "" || !strings.HasPrefix(location, "/v1/") {
				continue
			}
			for _, more := range []sent{
				{"GET", location, "", ""},
				{"PUT", location, `{"rating": 2, "visited_at": "2026-11-21", "cost": 9}`, ""},
				{"PATCH", location, `{"rating": 3}`, "Content-Type: application/merge-patch+json"},
				{"PUT", location, `{"rating": 2, "visited_at": "2026-11-21", "cost": 9}`, `If-Match: "1-1-1-EUR"`}, // which is stale
				{"DELETE", location, "", ""},
				{"GET", location, "", ""},
			} {
				if number%2 == 0 || more.method != "DELETE" {
					a.send(ctx, more)
				}
			}
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

// send returns the path of what was made.
func (a *api) send(ctx context.Context, s sent) (location string) {
	request, err := http.NewRequestWithContext(ctx, s.method, a.url+s.path, strings.NewReader(s.body))
	if err != nil {
		return "" // it has ended
	}
	request.Header.Set("Content-Type", "application/json")
	if name, value, ok := strings.Cut(s.header, ": "); ok {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.Header.Get("Location")
}
