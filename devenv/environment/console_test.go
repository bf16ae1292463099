package environment_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/console/text"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
)

// soon waits for what comes a moment later, on a busy machine.
func soon(t *testing.T, is func() bool, what string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), what)
	}
}

func TestTheConsoleShowsWhatTheEnvironmentDoes(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		root := newCheckout(t)
		r := start(t, environment.Options{DynamoDB: string(kind), Root: string(root), Samples: true, ConsoleAddr: freeAddr(t)})
		url := "http://" + r.ConsoleAddr
		assert.Contains(t, r.screen.String(), "  Console   "+url+"\n")
		state := filepath.Join(string(root), ".falafel")
		require.Equal(t, url, environment.ConsoleURL(t.Context(), state))
		read := func(path string, into any) {
			t.Helper()
			status, answer, err := send(http.DefaultClient, http.MethodGet, url+path, "")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status, answer)
			require.NoError(t, json.Unmarshal([]byte(answer), into), answer)
		}
		now := func() (s console.State) { read("/api/state", &s); return s }
		api := func() console.Service { return now().Services[0] }
		command := func(method, path, body string) string {
			t.Helper()
			request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
			require.NoError(t, err)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("X-Falafel-Console", "1")
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			content, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, response.StatusCode, "%s", content)
			return string(content)
		}
		for _, service := range now().Services {
			assert.Equal(t, console.Healthy, service.State, service.Name)
		}
		assert.Equal(t, "FalafelReviews", now().Table)
		assert.Equal(t, string(kind), now().DynamoDB.Kind)

		// A request with its calls, its spans and its line of the log.
		status, answer, err := send(http.DefaultClient, http.MethodPost, "http://"+r.Addr+"/v1/restaurants/New/reviews",
			`{"rating": 4, "visited_at": "2026-11-20T12:30:00Z", "cost": 8}`)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status, answer)
		var created console.Request
		soon(t, func() bool {
			var list struct{ Items []console.Summary }
			read("/api/requests?q=New", &list)
			if len(list.Items) == 0 {
				return false
			}
			read(fmt.Sprintf("/api/requests/%d", list.Items[0].ID), &created)
			return len(created.Calls) == 2 && len(created.Logs) == 1 && strings.Contains(string(created.Spans), "TransactWriteItems")
		}, "the request is not whole")
		assert.Positive(t, created.WriteUnits)
		var out screen.Screen
		require.NoError(t, text.Request(t.Context(), text.Client{URL: url}, created.ID, &out))
		assert.Contains(t, out.String(), "create a review")

		// Under load, those that are only counted make no spans. One that the console sends
		// itself is recorded, and its spans come after all others.
		soon(t, func() bool {
			var asking sync.WaitGroup
			for range 8 {
				asking.Go(func() {
					for range 25 {
						_, _, err := send(http.DefaultClient, http.MethodGet, "http://"+r.Addr+"/status", "")
						assert.NoError(t, err)
					}
				})
			}
			asking.Wait()
			return now().CountedOnly >= 50
		}, "all is recorded")
		var last struct{ ID uint64 }
		require.NoError(t, json.Unmarshal([]byte(command(http.MethodPost, "/api/send", `{"method":"GET","path":"/status"}`)), &last))
		soon(t, func() bool {
			var sent console.Request
			read(fmt.Sprintf("/api/requests/%d", last.ID), &sent)
			return strings.Contains(string(sent.Spans), "GET /status")
		}, "the last request has no span")
		var recorded, traced struct{ Items []any }
		read("/api/requests?limit=5000", &recorded)
		read("/api/traces?limit=1000", &traced)
		assert.LessOrEqual(t, len(traced.Items), len(recorded.Items))

		// The table, a fault, samples and a reset, from the page.
		assert.Contains(t, command(http.MethodPost, "/api/table/scan", `{"limit": 5}`), `"pk"`)
		command(http.MethodPut, "/api/faults", `{"kind":"errors","share":1}`)
		status, answer, err = send(http.DefaultClient, http.MethodGet, "http://"+r.Addr+"/v1/restaurants", "")
		require.NoError(t, err)
		assert.Equal(t, http.StatusServiceUnavailable, status, answer)
		command(http.MethodDelete, "/api/faults", "")
		assert.Contains(t, command(http.MethodPost, "/api/seed", `{"profile":"edge"}`), `"loaded":`)
		assert.Contains(t, command(http.MethodPost, "/api/reset", `{}`), `"took_ms":`)
		assert.NotContains(t, restaurants(t, r.Addr), "New")
		soon(t, func() bool { return api().Restarts == 1 && api().State == console.Healthy }, "the restart is not told")

		// A build that fails, while the one before serves; and one that mends it.
		root.edit(t, statusFile, statusText, statusText+`" + undefined + "`)
		soon(t, func() bool { return now().Build.State == console.Failed }, "the failed build is not told")
		build := now().Build
		require.NotEmpty(t, build.Errors, build.Output)
		assert.Equal(t, statusFile, build.Errors[0].File)
		assert.Positive(t, build.Errors[0].Line)
		assert.Contains(t, build.Errors[0].Text, "undefined")
		assert.Equal(t, console.Healthy, api().State)
		root.edit(t, statusFile, statusText+`" + undefined + "`, version(1))
		soon(t, func() bool { return now().Build.State == console.BuildOK && api().Restarts == 2 }, "the mended build is not told")
		assert.Positive(t, now().Build.TookMS)

		// While somebody listens, Ctrl-C stops all.
		events, err := http.Get(url + "/api/events")
		require.NoError(t, err)
		defer events.Body.Close()
		r.down(t)
		_, err = net.Dial("tcp", r.ConsoleAddr)
		require.Error(t, err)
		assert.Empty(t, environment.ConsoleURL(t.Context(), state))
		return nil
	})
}

func TestTheConsoleIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	for addr, says := range map[string]string{
		"0.0.0.0:0":           "can be reached from elsewhere",
		":0":                  "can be reached from elsewhere",
		taken.Addr().String(): "is taken by another program: stop that, or choose another address with --console-addr",
	} {
		options := environment.Options{Addr: freeAddr(t), MetricsAddr: freeAddr(t), ConsoleAddr: addr, Out: &screen.Screen{}, State: t.TempDir()}
		err := environment.Up(t.Context(), options)
		require.ErrorContains(t, err, says)
		assert.NotContains(t, err.Error(), "\n")
		assert.NoError(t, os.RemoveAll(options.State))
	}
}
