package page_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
	"github.com/pretendfriend/falafel-api/devenv/console"
)

func TestThePageConnectsAnewAndMissesNothing(t *testing.T) {
	t.Parallel()
	e := start(t)
	e.send(t, http.MethodGet, "/v1/restaurants/Before", "")
	address, stop := serveAt(t, "127.0.0.1:0", e.console.Handler())
	tab := open(t, "http://"+address, "")
	tab.WaitFor(row("Before"))
	browsertest.Evaluate[any](tab, `(window.same = true) && null`)
	stop()
	shows(tab, "Connection lost. Trying again")
	tab.Screenshot("lost")
	e.send(t, http.MethodGet, "/v1/restaurants/Meanwhile", "")

	// What is there first is no console yet: a browser gives up then, and the page does not.
	refused := make(chan struct{}, 100)
	_, stop = serveAt(t, address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		refused <- struct{}{}
	}))
	for range 2 {
		select {
		case <-refused:
		case <-time.After(patience):
			t.Fatal("the page does not try again")
		}
	}
	stop()
	serveAt(t, address, e.console.Handler())
	tab.WaitFor(row("Meanwhile"))
	tab.WaitFor(`document.querySelector(".connection.live")`)
	e.send(t, http.MethodGet, "/v1/restaurants/After", "")
	tab.WaitFor(row("After"))
	assert.True(t, browsertest.Evaluate[bool](tab, `window.same === true`), "the page was not loaded again")
	assert.Equal(t, 3, browsertest.Evaluate[int](tab, `document.querySelectorAll("[role=option]").length`))
	kept(t, tab, "http://"+address, "net::ERR_", "503 (Service Unavailable)")
}

// serveAt serves something at an address, in a way that can be broken off.
func serveAt(t *testing.T, address string, handler http.Handler) (at string, stop func()) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	go func() { _ = server.Serve(listener) }() // ends when it is closed
	stop = func() { _ = server.Close() }
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// Whatever runs through it, the page has some dozen rows, and shows the right ones.
func TestTenThousandRequests(t *testing.T) {
	t.Parallel()
	e := start(t, console.Limits{Requests: 12000, RecordedPerSecond: 20000, MemoryBytes: 512 << 20})
	tab := open(t, e.url, "")
	front := e.console.Front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.URL.Path) }))
	const total = 10000
	for i := range total {
		front.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/n/%d", i+1), http.NoBody))
	}
	tab.WaitFor(row("/n/10000"))
	assert.Less(t, browsertest.Evaluate[int](tab, `document.querySelectorAll("[role=option]").length`), 60)
	tab.Screenshot("burst")

	// To the very first: what was missed in the burst is fetched on the way.
	tab.WaitFor(`(rows => { rows.scrollTop = rows.scrollHeight; return [...rows.querySelectorAll("[role=option]")].some(r => r.innerText.includes("/n/1\n")) })(document.querySelector(".rows"))`)
	assert.Equal(t, total, browsertest.Evaluate[int](tab, `Math.round(document.querySelector(".all").offsetHeight / 34)`))
	assert.Equal(t, fmt.Sprint(total), browsertest.Evaluate[string](tab, row("/n/1\n")+`.getAttribute("aria-posinset")`))
	assert.Less(t, browsertest.Evaluate[int](tab, `document.querySelectorAll("[role=option]").length`), 60)

	// What is looked at stays where it is while more come.
	tab.WaitFor(`(rows => { rows.scrollTop = 34 * 5000; return true })(document.querySelector(".rows")) && ` + row("/n/4995\n"))
	place := browsertest.Evaluate[float64](tab, row("/n/4995\n")+`.getBoundingClientRect().top`)
	for i := range 3 {
		front.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/later/%d", i), http.NoBody))
	}
	shows(tab, "newer requests")
	assert.InDelta(t, place, browsertest.Evaluate[float64](tab, row("/n/4995\n")+`.getBoundingClientRect().top`), 1)
	click(tab, button("newer requests"))
	tab.WaitFor(row("/later/2"))

	// The filter goes over all of them.
	fill(tab, `document.querySelector("[data-search]")`, "/n/77")
	tab.WaitFor(`Math.round(document.querySelector(".all").offsetHeight / 34) === 111`) // 77, 770–779, 7700–7799
	kept(t, tab, e.url)
}

func TestALiveListIsPausedAndResumed(t *testing.T) {
	t.Parallel()
	e := start(t)
	e.send(t, http.MethodGet, "/v1/restaurants/Before", "")
	tab := open(t, e.url, "")
	tab.WaitFor(row("Before"))
	typed(tab, "p")
	tab.WaitFor(button("Resume live lists"))
	e.send(t, http.MethodGet, "/v1/restaurants/Meanwhile", "")
	tab.WaitFor(`/\d+ new/.test(document.querySelector(".top").innerText)`)
	assert.False(t, browsertest.Evaluate[bool](tab, `Boolean(`+row("Meanwhile")+`)`))
	click(tab, button("Resume live lists"))
	tab.WaitFor(row("Meanwhile"))
	kept(t, tab, e.url)
}

// Spaces, quotes and markup in names and bodies: the page shows them as they are.
func TestNothingThatIsShownBecomesMarkup(t *testing.T) {
	t.Parallel()
	e := start(t)
	const markup = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`
	tab := open(t, e.url, "")
	hostile := []string{markup, `"><svg onload=alert(1)>`, `{{7*7}}${7*7}`, "javascript:alert(1)", "\u202egnp.exe", `'; DROP TABLE--`}
	for _, name := range hostile {
		e.review(t, name, name)
	}
	e.send(t, http.MethodGet, "/v1/"+url.PathEscape(markup)+"?q="+url.QueryEscape(markup), "", "X-Markup", markup, "User-Agent", markup)
	e.send(t, http.MethodPost, "/v1/restaurants/x/reviews", markup)
	tab.WaitFor(fmt.Sprintf(`document.querySelectorAll("[role=option]").length === %d`, len(hostile)+2))
	for id := range len(hostile) + 2 {
		for _, part := range []string{"overview", "request", "response", "items", "logs", "spans"} {
			goTo(tab, fmt.Sprintf("requests/%d/%s", id+1, part))
			tab.WaitFor(`document.querySelector("[role=tabpanel]")?.innerText.length > 0 && location.hash.endsWith("` + part + `")`)
		}
	}
	goTo(tab, "requests/1/items")
	inDetail(tab, "S "+markup, "RESTAURANT#"+markup)
	tab.Screenshot("items")
	for _, view := range []string{"logs", "traces", "table", "table/restaurants%20by%20name?shard=0", "send/1", "logs?q=" + url.QueryEscape(markup), "requests?q=" + url.QueryEscape(markup), "table/" + url.PathEscape(markup)} {
		goTo(tab, view)
		tab.WaitFor(`document.querySelector("main").innerText.length > 0`)
	}
	goTo(tab, "table")
	tab.WaitFor(`document.querySelectorAll(".items tbody tr").length >= 12`)
	tab.Screenshot("table")
	assert.NotEqual(t, "taken", browsertest.Evaluate[string](tab, `document.title`))
	assert.Zero(t, browsertest.Evaluate[int](tab, `document.querySelectorAll("main img, main svg:not(.icon), script:not([src])").length`))
	kept(t, tab, e.url)
}
