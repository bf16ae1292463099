package environment_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
)

func TestMain(m *testing.M) {
	// Copies of the project, in folders of their own, then share what is compiled.
	os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath"))
	// On a machine that builds beside it, an answer may take longer than a user would wait.
	os.Setenv("FALAFEL_REQUEST_TIMEOUT", "1m")
	dynamodbtest.Main(m)
}

// running is an environment that was started.
type running struct {
	environment.Options
	screen *screen.Screen
	ended  chan error
	stop   context.CancelFunc
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func up(t *testing.T, state string, kind dynamodb.Kind) *running {
	t.Helper()
	return start(t, environment.Options{DynamoDB: string(kind), State: state, Samples: true})
}

// start returns when the environment greets.
func start(t *testing.T, options environment.Options) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	r := &running{Options: options, screen: &screen.Screen{}, ended: make(chan error, 1), stop: stop}
	r.Addr, r.MetricsAddr, r.Out = freeAddr(t), freeAddr(t), r.screen
	go func() { r.ended <- environment.Up(ctx, r.Options) }()
	r.shows(t, "Ctrl-C stops everything")
	return r
}

// shows waits for a text on the screen.
func (r *running) shows(t *testing.T, text string) {
	t.Helper()
	r.showsTimes(t, text, 1)
}

// showsTimes waits until it is there so many times.
func (r *running) showsTimes(t *testing.T, text string, times int) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for strings.Count(r.screen.String(), text) < times {
		select {
		case err := <-r.ended:
			t.Fatalf("it ended (%v) and does not show %q:\n%s", err, text, r.screen)
		case <-time.After(time.Millisecond):
		}
		require.True(t, time.Now().Before(deadline), "it does not show %q:\n%s", text, r.screen)
	}
}

func (r *running) down(t *testing.T) {
	t.Helper()
	r.stop()
	select {
	case err := <-r.ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("it does not stop")
	}
}

func restaurants(t *testing.T, addr string) (names []string) {
	t.Helper()
	for path := "/v1/restaurants?sort=name&limit=100"; path != ""; {
		response, err := http.Get("http://" + addr + path)
		require.NoError(t, err)
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		response.Body.Close()
		var page struct{ Items []struct{ Name string } }
		require.NoError(t, json.Unmarshal(content, &page), "%s", content)
		for _, item := range page.Items {
			names = append(names, item.Name)
		}
		path = ""
		if next := regexp.MustCompile(`<(.*)>; rel="next"`).FindStringSubmatch(response.Header.Get("Link")); next != nil {
			path = next[1]
		}
	}
	return names
}

// grantedOrigin is what a browser is told that shows a page of this origin.
func grantedOrigin(t *testing.T, addr, origin string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/v1/reviews", nil)
	require.NoError(t, err)
	request.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	return response.Header.Get("Access-Control-Allow-Origin")
}

func TestUpServesSampleReviewsAndKeepsWhatIsAdded(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		if kind.IsURL() {
			t.Skip("the data of a database that is somebody else's stays alone")
		}
		state := t.TempDir()
		r := up(t, state, kind)
		assert.Contains(t, r.screen.String(), "sample reviews are in table FalafelReviews")
		samples := restaurants(t, r.Addr)
		assert.GreaterOrEqual(t, len(samples), 25)
		assert.Equal(t, "http://localhost:5173", grantedOrigin(t, r.Addr, "http://localhost:5173"))
		assert.Empty(t, grantedOrigin(t, r.Addr, "http://example.com"))

		// The line that is printed works when it is pasted.
		want := samples
		if _, err := exec.LookPath("curl"); err != nil {
			t.Log("NOT pasted what is printed: ", err)
		} else {
			_, paste, _ := strings.Cut(r.screen.String(), "Add a review:")
			paste, _, _ = strings.Cut(paste, "Ctrl-C")
			output, err := exec.Command("sh", "-c", paste).CombinedOutput()
			require.NoError(t, err, "%s", output)
			assert.Contains(t, string(output), "201 Created")
			want = append(want, "My Falafel")
		}

		// A second one in the same project would fight for the data.
		second := r.Options
		second.Addr, second.MetricsAddr = freeAddr(t), freeAddr(t)
		require.ErrorContains(t, environment.Up(t.Context(), second), "runs already")
		r.down(t)

		again := up(t, state, kind)
		assert.NotContains(t, again.screen.String(), "sample reviews are", "once is enough")
		assert.ElementsMatch(t, want, restaurants(t, again.Addr))
		again.down(t)
		for _, addr := range []string{r.Addr, again.Addr, again.MetricsAddr} {
			_, err := net.Dial("tcp", addr)
			require.Error(t, err, "nothing is left running")
		}
		return nil
	})
}

func TestUpSaysInOneSentenceWhatIsWrong(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		for name, c := range map[string]struct {
			change func(*environment.Options)
			says   string
		}{
			"a taken port":                 {func(o *environment.Options) { o.Addr = taken.Addr().String() }, "is taken by another program: stop that, or choose another address with --addr"},
			"a taken metrics port":         {func(o *environment.Options) { o.MetricsAddr = taken.Addr().String() }, "--metrics-addr"},
			"an unknown DynamoDB":          {func(o *environment.Options) { o.DynamoDB = "mysql" }, `"mysql" is no DynamoDB that can be used`},
			"a database that is not there": {func(o *environment.Options) { o.DynamoDB = "http://" + freeAddr(t) }, "no DynamoDB answers at"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				out := &screen.Screen{}
				options := environment.Options{
					DynamoDB: db.Endpoint, Addr: freeAddr(t), MetricsAddr: freeAddr(t), Out: out, State: t.TempDir(),
				}
				c.change(&options)
				err := environment.Up(t.Context(), options)
				require.ErrorContains(t, err, c.says)
				assert.NotContains(t, err.Error(), "\n")
			})
		}
	})
}
