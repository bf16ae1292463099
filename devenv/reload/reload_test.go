package reload_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
	"github.com/pretendfriend/falafel-api/devenv/reload"
)

// soon is longer than a build of the small program takes on a busy machine.
const soon = time.Minute

// reloading is a small program under live reload.
type reloading struct {
	*reload.Reloader
	reload.Options

	screen   *screen.Screen
	api      string // base URL
	metrics  string // base URL
	ready    chan struct{}
	ended    chan error
	stop     context.CancelFunc
	original string // source
}

// start begins with the source of testdata/app as edit leaves it. It does not wait.
func start(t *testing.T, edit func(string) string, options reload.Options) *reloading {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	r := &reloading{Options: options, screen: &screen.Screen{}, ready: make(chan struct{}), ended: make(chan error, 1)}
	r.Root, r.Folder, r.Out = t.TempDir(), t.TempDir(), r.screen
	// The project's own modules, since air is among them.
	for _, file := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(r.Root, file), content, 0o600))
	}
	source, err := os.ReadFile("testdata/app/main.go")
	require.NoError(t, err)
	r.original = string(source)
	require.NoError(t, os.Mkdir(filepath.Join(r.Root, "api"), 0o755))
	r.save(t, edit(r.original))
	if r.Prepare == nil {
		r.Prepare = func(context.Context, string) (reload.Launch, error) { return reload.Launch{}, nil }
	}
	r.Ready = func() { close(r.ready) }

	listeners := make([]net.Listener, 2)
	for i := range listeners {
		listeners[i], err = net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
	}
	r.api, r.metrics = "http://"+listeners[0].Addr().String(), "http://"+listeners[1].Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.Reloader = reload.New(r.Options)
	go func() { r.ended <- r.Run(ctx, listeners[0], listeners[1]) }()
	t.Cleanup(stop)
	return r
}

func asItIs(source string) string { return source }

func (r *reloading) isReady(t *testing.T) *reloading {
	t.Helper()
	select {
	case <-r.ready:
	case err := <-r.ended:
		t.Fatalf("it ended: %v\n%s", err, r.screen)
	case <-time.After(soon):
		t.Fatalf("it does not become ready:\n%s", r.screen)
	}
	return r
}

// down stops it, and returns the error that Run returned.
func (r *reloading) down(t *testing.T) error {
	t.Helper()
	r.stop()
	select {
	case err := <-r.ended:
		_, refused := net.Dial("tcp", strings.TrimPrefix(r.api, "http://"))
		require.Error(t, refused, "nothing listens any more")
		return err
	case <-time.After(soon):
		t.Fatal("it does not stop")
		return nil
	}
}

// save writes the program as most editors do: a new file takes the place of the old.
func (r *reloading) save(t *testing.T, source string) {
	t.Helper()
	path := filepath.Join(r.Root, "api", "main.go")
	require.NoError(t, os.WriteFile(path+".tmp", []byte(source), 0o600))
	require.NoError(t, os.Rename(path+".tmp", path))
}

func (r *reloading) version(v string) string {
	return strings.Replace(r.original, `version = "1"`, fmt.Sprintf("version = %q", v), 1)
}

func (r *reloading) shows(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(r.screen.String(), text) }, soon, time.Millisecond,
		"the screen does not show %q:\n%s", text, r.screen)
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

// ask is get for other goroutines.
func ask(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	return string(content)
}

func (r *reloading) answers(t *testing.T, want string) {
	t.Helper()
	deadline := time.Now().Add(soon)
	for answer := ask(r.api + "/version"); answer != want; answer = ask(r.api + "/version") {
		require.True(t, time.Now().Before(deadline), "%q is not what is answered, but %q:\n%s", want, answer, r.screen)
	}
}

func TestASaveIsServedAtTheSameAddresses(t *testing.T) {
	t.Parallel()
	// It is asked before it is built, and waits.
	r := start(t, asItIs, reload.Options{})
	status, body := get(t, r.api+"/version")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "1 ", body)

	r.isReady(t)
	r.save(t, r.version("2"))
	r.answers(t, "2 ")
	_, body = get(t, r.metrics+"/metrics")
	assert.Equal(t, "metrics 2", body)
	r.shows(t, "Reloaded in ")
	require.NoError(t, r.down(t))
}

func TestRequestsArriveAsTheyWereSent(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	request, err := http.NewRequest(http.MethodPut, r.api+"/echo?b=2;c&a=%2f%20x&", strings.NewReader("the body"))
	require.NoError(t, err)
	request.Host = "falafel.example"
	request.Header.Set("Accept-Encoding", "br")
	request.Header.Set("X-Forwarded-For", "192.0.2.1")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "PUT falafel.example /echo?b=2;c&a=%2f%20x& br [192.0.2.1]\nthe body", string(content))
	require.NoError(t, r.down(t))
}

func TestARequestEndsWhereItBegan(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	file := filepath.Join(t.TempDir(), "go-on")
	response, err := http.Get(r.api + "/slow?file=" + url.QueryEscape(file))
	require.NoError(t, err)
	defer response.Body.Close()

	r.save(t, r.version("2"))
	r.answers(t, "2 ")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "1 begins, 1 ends", string(content))
	require.NoError(t, r.down(t))
}

func TestABuildErrorIsShownAndTheBuildBeforeGoesOn(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	r.save(t, r.original+"\nfunc broken() { chickpeas++ }\n")
	r.shows(t, "undefined: chickpeas")
	assert.Contains(t, r.screen.String(), "api/main.go:65:17: undefined: chickpeas")
	r.shows(t, "Mend it and save; the build before goes on.")
	_, body := get(t, r.api+"/version")
	assert.Equal(t, "1 ", body)

	// Undone: there is nothing to replace, and it is said that all is well.
	r.save(t, r.original)
	r.shows(t, "The API builds again")
	assert.NotContains(t, r.screen.String(), "Reloaded")
	require.NoError(t, r.down(t))
}

func TestABuildErrorAtTheStartIsAnsweredUntilItIsMended(t *testing.T) {
	t.Parallel()
	r := start(t, func(source string) string { return source + "\nfunc broken() { chickpeas++ }\n" }, reload.Options{})
	r.shows(t, "Mend it and save.")
	response, err := http.Get(r.api + "/version")
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	assert.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	assert.Equal(t, "1", response.Header.Get("Retry-After"))
	assert.Contains(t, string(content), `"type":"/problems/build-failed","title":"The API does not build","status":503`)
	assert.Contains(t, string(content), "api/main.go:65:17: undefined: chickpeas")
	assert.Empty(t, response.Header.Get("Access-Control-Allow-Origin"))
	for method, want := range map[string]int{http.MethodGet: http.StatusServiceUnavailable, http.MethodOptions: http.StatusNoContent} {
		page, err := http.NewRequestWithContext(t.Context(), method, r.api+"/version", nil)
		require.NoError(t, err)
		page.Header.Set("Origin", "http://localhost:5173")
		page.Header.Set("Access-Control-Request-Method", http.MethodPut)
		page.Header.Set("Access-Control-Request-Headers", "if-match")
		seen, err := http.DefaultClient.Do(page)
		require.NoError(t, err)
		require.NoError(t, seen.Body.Close())
		assert.Equal(t, want, seen.StatusCode)
		assert.Equal(t, "http://localhost:5173", seen.Header.Get("Access-Control-Allow-Origin"), "a front end sees why")
	}
	for _, kind := range []string{"starting", "build-failed", "not-running", "ended", "stopping"} {
		status, page := get(t, r.api+"/problems/"+kind)
		assert.Equal(t, http.StatusOK, status, kind)
		assert.Greater(t, len(page), 50, kind)
	}

	r.save(t, r.original)
	r.isReady(t)
	r.answers(t, "1 ")
	require.NoError(t, r.down(t))
}

func TestABuildThatDoesNotStartDoesNotTakeOver(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	r.save(t, strings.Replace(r.version("2"), "func main() {", "func main() {\n\tprintln(\"no oil\"); os.Exit(3)", 1))
	r.shows(t, "The API did not start, for the reason above. Mend it and save; the build before goes on.")
	assert.Contains(t, r.screen.String(), "no oil")
	r.answers(t, "1 ")
	r.save(t, r.version("3"))
	r.answers(t, "3 ")
	require.NoError(t, r.down(t))
}

func TestAnAPIThatEndsByItselfIsAnsweredWithItsLastWords(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	status, body := get(t, r.api+"/crash")
	assert.Equal(t, http.StatusBadGateway, status)
	assert.Contains(t, body, `"type":"/problems/ended"`)
	r.shows(t, "The API ended by itself (exit status 7)")
	status, body = get(t, r.api+"/version")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, body, "out of chickpeas")
	r.save(t, r.version("2"))
	r.answers(t, "2 ")
	require.NoError(t, r.down(t))
}

func TestOnlyTheLastOfManySavesCounts(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	for i := range 20 {
		r.save(t, r.version(fmt.Sprint("draft ", i)))
	}
	r.save(t, r.version("final"))
	r.answers(t, "final ")
	assert.Less(t, strings.Count(r.screen.String(), "Reloaded in "), 20, "builds that were overtaken are given up")
	require.NoError(t, r.down(t))
}

func TestPrepareHasTheLastWordOnAStart(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	setting, refusal := "a", error(nil)
	var alone func(context.Context) error
	r := start(t, asItIs, reload.Options{Prepare: func(_ context.Context, program string) (reload.Launch, error) {
		mu.Lock()
		defer mu.Unlock()
		if _, err := os.Stat(program); err != nil {
			return reload.Launch{}, err
		}
		return reload.Launch{Environ: []string{"APP_SETTING=" + setting}, Alone: alone}, refusal
	}}).isReady(t)
	change := func(do func()) {
		mu.Lock()
		do()
		mu.Unlock()
		r.Changed()
	}
	r.answers(t, "1 a")

	change(func() { setting = "b" }) // the same program
	r.answers(t, "1 b")

	change(func() { setting, refusal = "c", errors.New("there is no table for this") })
	r.shows(t, "There is no table for this. Mend it and save; the build before goes on.")
	r.answers(t, "1 b")

	asked := make(chan string, 1)
	change(func() {
		refusal = nil
		alone = func(context.Context) error {
			go func() { asked <- ask(r.api + "/version") }()
			select {
			case body := <-asked:
				t.Errorf("a request was answered meanwhile: %s", body)
			case <-time.After(100 * time.Millisecond):
			}
			mu.Lock()
			defer mu.Unlock()
			alone = nil
			return nil
		}
	})
	assert.Equal(t, "1 c", <-asked)
	require.NoError(t, r.down(t))
}

func TestWhatPrepareRefusesAtTheStartEndsIt(t *testing.T) {
	t.Parallel()
	refusal := errors.New("the table has another key: start with --reset")
	r := start(t, asItIs, reload.Options{Prepare: func(context.Context, string) (reload.Launch, error) {
		return reload.Launch{}, refusal
	}})
	select {
	case err := <-r.ended:
		require.ErrorIs(t, err, refusal)
	case <-time.After(soon):
		t.Fatal("it goes on")
	}
}

func TestRequestsWaitForARestart(t *testing.T) {
	t.Parallel()
	r := start(t, asItIs, reload.Options{}).isReady(t)
	asked := make(chan string, 1)
	failure := errors.New("half done")
	err := r.Restart(t.Context(), func(context.Context) error {
		go func() { asked <- ask(r.api + "/version") }()
		select {
		case body := <-asked:
			t.Errorf("a request was answered meanwhile: %s", body)
		case <-time.After(100 * time.Millisecond):
		}
		return failure
	})
	require.ErrorIs(t, err, failure)
	assert.Equal(t, "1 ", <-asked)
	require.NoError(t, r.down(t))
}

// Other programs take ports as well, at any moment.
func TestATakenPortIsChosenAnew(t *testing.T) {
	t.Parallel()
	marker := filepath.Join(t.TempDir(), "once")
	r := start(t, func(source string) string {
		// The first process finds its port taken.
		return strings.Replace(source, "func main() {", `func main() {
	if file, err := os.OpenFile(`+"`"+marker+"`"+`, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		file.Close()
		fmt.Fprintln(os.Stderr, "the address is taken by another process: stop it")
		os.Exit(1)
	}`, 1)
	}, reload.Options{}).isReady(t)
	r.answers(t, "1 ")
	assert.FileExists(t, marker)
	require.NoError(t, r.down(t))
}
