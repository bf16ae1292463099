package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/openapi/openapitest"
)

// asProgram makes a test process be the program itself: these tests start what the user
// starts, with signals and all, and the race detector sees it.
const asProgram = "FALAFEL_TEST_BE_THE_API"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	if err := witness(); err != nil {
		panic(err)
	}
	dynamodbtest.Main(m)
}

// witness holds every answer that these tests get against the OpenAPI document. On the
// operators' port there is none.
func witness() error {
	documents, err := rest.Documents()
	if err != nil {
		return err
	}
	contract, err := openapitest.New(documents["openapi.json"])
	if err != nil {
		return err
	}
	http.DefaultClient.Transport = openapitest.Witness{
		Contract: contract, Next: http.DefaultTransport,
		Undescribed: []string{"/metrics", "/livez", "/readyz", "/openapi.", "/docs"},
	}
	return nil
}

func command(t *testing.T, environ []string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program)
	command.Env = slices.Concat(environ, []string{asProgram + "=1"})
	return command
}

// api is a running program.
type api struct {
	command    *exec.Cmd
	public     string // base URL
	operations string // base URL
	stderr     bytes.Buffer
	exited     chan error

	mu  sync.Mutex
	log []string
}

func (a *api) lines() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.log, "\n")
}

// awaitLine returns a line of the log that has the text. It comes through a pipe, and may
// come after the answer that it is about.
func (a *api) awaitLine(t *testing.T, text string) (line string) {
	t.Helper()
	require.Eventually(t, func() bool {
		for line = range strings.SplitSeq(a.lines(), "\n") {
			if strings.Contains(line, text) {
				return true
			}
		}
		return false
	}, 30*time.Second, time.Millisecond, "the log does not have %s", text)
	return line
}

// secret is a credential that must not appear anywhere.
const secret = "secretsecretsecret"

func environ(endpoint, table string, more ...string) []string {
	return append([]string{
		"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=" + secret,
		"AWS_EC2_METADATA_DISABLED=true", "HOME=/nowhere",
		"FALAFEL_TABLE=" + table, "FALAFEL_ADDR=127.0.0.1:0", "FALAFEL_METRICS_ADDR=127.0.0.1:0",
	}, more...)
}

// start runs the program until it serves.
func start(t *testing.T, environ []string) *api {
	t.Helper()
	a := &api{command: command(t, environ), exited: make(chan error, 1)}
	a.command.Stderr = &a.stderr
	stdout, err := a.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, a.command.Start())
	t.Cleanup(func() { _ = a.command.Process.Kill() })

	serving := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			a.mu.Lock()
			a.log = append(a.log, lines.Text())
			a.mu.Unlock()
			var line struct {
				Msg, Addr   string
				MetricsAddr string `json:"metrics_addr"`
			}
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				a.public, a.operations = "http://"+line.Addr, "http://"+line.MetricsAddr
				close(serving)
			}
		}
		a.exited <- a.command.Wait()
	}()
	select {
	case <-serving:
	case err := <-a.exited:
		t.Fatalf("the program ended (%v): %s", err, a.stderr.String())
	case <-time.After(30 * time.Second):
		t.Fatal("the program does not serve")
	}
	return a
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
}

func TestServesUntilItIsToldToStop(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			a := start(t, environ(db.Endpoint, db.Table(t, store.Definition(""))))
			response, err := http.Post(a.public+"/v1/restaurants/Habibi/reviews?", "application/json",
				strings.NewReader(`{"rating": 4.5, "visited_at": "2026-11-20T12:30:00Z", "cost": 8.5, "comment": "for my eyes only"}`))
			require.NoError(t, err)
			response.Body.Close()
			require.Equal(t, http.StatusCreated, response.StatusCode)
			status, body := get(t, a.public+response.Header.Get("Location"))
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, body, "for my eyes only")
			status, _ = get(t, a.operations+"/readyz")
			assert.Equal(t, http.StatusOK, status)

			require.NoError(t, a.command.Process.Signal(signal))
			require.NoError(t, <-a.exited)
			assert.Empty(t, a.stderr.String())
			for line := range strings.SplitSeq(a.lines(), "\n") {
				assert.True(t, json.Valid([]byte(line)), line)
			}
			assert.Contains(t, a.lines(), `"route":"/v1/restaurants/{restaurant}/reviews"`)
			assert.Contains(t, a.lines(), `"request_id":"`+response.Header.Get("X-Request-Id")+`"`)
			assert.NotContains(t, a.lines(), "eyes only", "review text in the log")
			assert.NotContains(t, a.lines(), "Habibi", "a path in the log")
			assert.NotContains(t, a.lines(), secret, "a credential in the log")
		}
	})
}

// slowDatabase lets a Query wait until it is released.
type slowDatabase struct {
	*httptest.Server
	waiting chan struct{} // receives one for each Query
	release chan struct{} // closed to let them go
}

func newSlowDatabase(t *testing.T, endpoint string) *slowDatabase {
	t.Helper()
	backend, err := url.Parse(endpoint)
	require.NoError(t, err)
	slow := &slowDatabase{waiting: make(chan struct{}, 16), release: make(chan struct{})}
	proxy := httputil.NewSingleHostReverseProxy(backend)
	slow.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.Query" {
			slow.waiting <- struct{}{}
			<-slow.release
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	return slow
}

func TestStopsGracefully(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		slow := newSlowDatabase(t, db.Endpoint)
		a := start(t, environ(slow.URL, db.Table(t, store.Definition(""))))
		inFlight := make(chan int, 1)
		go func() {
			response, err := http.Get(a.public + "/v1/restaurants/Habibi/reviews")
			if err != nil {
				inFlight <- 0
				return
			}
			response.Body.Close()
			inFlight <- response.StatusCode
		}()
		<-slow.waiting
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))

		// First not ready, so that nobody sends more; alive all the while.
		require.EventuallyWithT(t, func(t *assert.CollectT) {
			response, err := http.Get(a.operations + "/readyz")
			if assert.NoError(t, err) {
				response.Body.Close()
				assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
			}
		}, 5*time.Second, 5*time.Millisecond)
		status, _ := get(t, a.operations+"/livez")
		assert.Equal(t, http.StatusOK, status)
		// What is sent nevertheless is served, while requests are in flight.
		status, _ = get(t, a.public+"/status")
		assert.Equal(t, http.StatusOK, status)

		close(slow.release)
		assert.Equal(t, http.StatusOK, <-inFlight, "the request in flight ends as if nothing was")
		require.NoError(t, <-a.exited)
		_, err := net.Dial("tcp", strings.TrimPrefix(a.public, "http://"))
		require.Error(t, err, "the listener is closed")
	})
}

// Clients that never pause do not keep the service from stopping, and are never
// answered badly: at the end their connections are refused, or closed by the kernel in
// its queue before they are a request (which a shutdown delay is for).
func TestStopsUnderLoad(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		a := start(t, environ(db.Endpoint, db.Table(t, store.Definition("")), "FALAFEL_SHUTDOWN_DELAY=200ms"))
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // unseen: for load alone
		var clients sync.WaitGroup
		answered := make(chan struct{}, 1)
		var stopping atomic.Bool
		for range 8 {
			clients.Go(func() {
				for {
					response, err := client.Get(a.public + "/v1/restaurants/Habibi/reviews")
					if err != nil {
						assert.True(t, stopping.Load(), err)
						return
					}
					response.Body.Close()
					assert.Equal(t, http.StatusOK, response.StatusCode)
					select {
					case answered <- struct{}{}:
					default:
					}
				}
			})
		}
		<-answered
		stopping.Store(true)
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		require.NoError(t, <-a.exited)
		clients.Wait()
	})
}

func TestASecondSignalStopsAtOnce(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		slow := newSlowDatabase(t, db.Endpoint)
		t.Cleanup(func() { close(slow.release) }) // before the server closes
		a := start(t, environ(slow.URL, db.Table(t, store.Definition("")), "FALAFEL_REQUEST_TIMEOUT=10m", "FALAFEL_SHUTDOWN_TIMEOUT=10m"))
		go func() {
			response, err := http.Get(a.public + "/v1/restaurants/Habibi/reviews")
			if err == nil {
				response.Body.Close()
			}
		}()
		<-slow.waiting
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		a.awaitLine(t, `"msg":"stopping"`)
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		select {
		case err := <-a.exited:
			require.Error(t, err)
			assert.Contains(t, a.stderr.String(), "api: stopped with 1 requests in flight")
		case <-time.After(10 * time.Second):
			t.Fatal("it goes on")
		}
	})
}

// What is not a request of an honest client ends before it is one.
func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		a := start(t, environ(db.Endpoint, db.Table(t, store.Definition(""))))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.public+"/status", nil)
		require.NoError(t, err)
		request.Header.Set("X-Large", strings.Repeat("x", 32<<10))
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)

		// A header that never ends is not waited for.
		slow, err := net.Dial("tcp", strings.TrimPrefix(a.public, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { slow.Close() })
		_, err = slow.Write([]byte("GET /status HTTP/1.1\r\nHost: a\r\n"))
		require.NoError(t, err)
		require.NoError(t, slow.SetReadDeadline(time.Now().Add(30*time.Second)))
		_, err = io.Copy(io.Discard, slow)
		require.NoError(t, err, "the connection is closed by the service")
	})
}

func TestSaysInOneSentenceWhyItCannotStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		table := db.Table(t, store.Definition(""))
		for name, c := range map[string]struct {
			environ []string
			says    string
		}{
			"a bad variable": {environ(db.Endpoint, table, "FALAFEL_REQUEST_TIMEOUT=soon"), "FALAFEL_REQUEST_TIMEOUT"},
			"no region":      {environ(db.Endpoint, table, "AWS_REGION="), "set AWS_REGION"},
			"no credentials": {environ(db.Endpoint, table, "AWS_ACCESS_KEY_ID="), "set AWS_ACCESS_KEY_ID"},
			"no table":       {environ(db.Endpoint, "NoSuchTable"), `there is no table "NoSuchTable"`},
			"no database":    {environ("http://127.0.0.1:1", table), "DynamoDB at http://127.0.0.1:1 cannot be reached"},
			"a taken port":   {environ(db.Endpoint, table, "FALAFEL_ADDR="+taken.Addr().String()), "set FALAFEL_ADDR to another"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				command := command(t, c.environ)
				var stderr bytes.Buffer
				command.Stderr = &stderr
				var exit *exec.ExitError
				require.ErrorAs(t, command.Run(), &exit)
				assert.Equal(t, 1, exit.ExitCode())
				assert.Contains(t, stderr.String(), c.says)
				assert.True(t, strings.HasPrefix(stderr.String(), "api: "))
				assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line: %s", stderr.String())
			})
		}
	})
}

func TestHealthTellsWhetherTheServiceIsReady(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		backend, err := url.Parse(db.Endpoint)
		require.NoError(t, err)
		database := httptest.NewServer(httputil.NewSingleHostReverseProxy(backend))
		t.Cleanup(database.Close)
		a := start(t, environ(database.URL, db.Table(t, store.Definition(""))))
		metricsAddr := strings.TrimPrefix(a.operations, "http://")
		_, port, err := net.SplitHostPort(metricsAddr)
		require.NoError(t, err)

		for _, addr := range []string{metricsAddr, ":" + port} {
			code, says := askHealth(t, addr)
			assert.Equal(t, 0, code, says)
			assert.Empty(t, says)
		}
		code, says := askHealth(t, "127.0.0.1:1")
		assert.Equal(t, 1, code)
		assert.Equal(t, "api: nothing answers where FALAFEL_METRICS_ADDR points (127.0.0.1:1): dial tcp 127.0.0.1:1: connect: connection refused\n", says)

		database.Close()
		code, says = askHealth(t, metricsAddr)
		assert.Equal(t, 1, code)
		assert.Equal(t, "api: not ready: the table does not answer\n", says)
		code, says = checks(t, "live", metricsAddr)
		assert.Equal(t, 0, code, says)
		assert.Empty(t, says)
		code, says = checks(t, "live", "127.0.0.1:1")
		assert.Equal(t, 1, code, says)
	})
}

func TestTheLevelOfTheLogIsChangedWithoutARestart(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		a := start(t, environ(db.Endpoint, db.Table(t, store.Definition(""))))
		metricsAddr := strings.TrimPrefix(a.operations, "http://")
		for _, step := range []struct {
			arguments []string
			says      string
			code      int
		}{
			{[]string{"log-level"}, "info\n", 0},
			{[]string{"log-level", "loud"}, "api: \"loud\" is no level: write debug, info, warn or error\n", 1},
			{[]string{"log-level"}, "info\n", 0},
			{[]string{"log-level", "ERROR"}, "error\n", 0},
			{[]string{"log-level"}, "error\n", 0},
		} {
			code, says := runs(t, metricsAddr, step.arguments...)
			assert.Equal(t, step.code, code, says)
			assert.Equal(t, step.says, says)
		}
		status, _ := get(t, a.public+"/status")
		require.Equal(t, http.StatusOK, status)
		a.awaitLine(t, `"msg":"log level changed","from":"INFO","to":"ERROR"`)
		code, says := runs(t, metricsAddr, "log-level", "debug")
		require.Equal(t, 0, code, says)
		changed := a.awaitLine(t, `"msg":"log level changed","from":"ERROR","to":"DEBUG"`)
		before, _, _ := strings.Cut(a.lines(), changed)
		assert.NotContains(t, before, `"msg":"request"`, "requests are told on info")
		status, _ = get(t, a.public+"/status")
		require.Equal(t, http.StatusOK, status)
		a.awaitLine(t, `"msg":"request"`)
	})
}

func askHealth(t *testing.T, metricsAddr string) (code int, says string) {
	t.Helper()
	return checks(t, "health", metricsAddr)
}

// checks runs the program's own check.
func checks(t *testing.T, check, metricsAddr string) (code int, says string) {
	t.Helper()
	return runs(t, metricsAddr, check)
}

// runs starts the program beside a service, where a proxy is set that nothing must be sent to.
func runs(t *testing.T, metricsAddr string, arguments ...string) (code int, says string) {
	t.Helper()
	command := command(t, []string{"FALAFEL_METRICS_ADDR=" + metricsAddr, "HTTP_PROXY=http://127.0.0.1:1"})
	command.Args = append(command.Args, arguments...)
	output, _ := command.CombinedOutput()
	return command.ProcessState.ExitCode(), string(output)
}

func TestRefusesArgumentsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	command := command(t, nil)
	command.Args = append(command.Args, "healthy")
	output, err := command.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, "api: \"healthy\" is not understood: write health, live, log-level, table, or nothing to serve\n", string(output))
}
