package page_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
	"github.com/pretendfriend/falafel-api/devenv/console"
)

func TestLogsTracesAndChartsFollow(t *testing.T) {
	t.Parallel()
	e := start(t, console.Limits{RecordedPerSecond: 2})
	tab := open(t, e.url, "charts")
	shows(tab, "Nothing to draw yet")
	e.review(t, "Habibi", "Crisp!")
	_, err := e.console.LogWriter("api").Write([]byte("time=2026-11-30T20:00:00Z level=WARN msg=\"not so well\" reason=\"a test\"\n"))
	require.NoError(t, err)

	// Charts draw what the ticks say, and the table beside them says the same.
	tab.WaitFor(`document.querySelectorAll(".plot canvas").length === 4`)
	tab.WaitFor(`/Requests in 15 min\s*1\s/.test(document.body.innerText)`)
	click(tab, element("summary", "The last seconds as a table"))
	tab.WaitFor(`/^\d\d:\d\d:\d\d\.\d+\t1\t0\t/.test([...document.querySelectorAll(".figures-table tbody tr")].at(-1)?.innerText ?? "")`)
	painted := `[...document.querySelectorAll(".plot canvas")].every(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v > 0))`
	assert.True(t, browsertest.Evaluate[bool](tab, painted))

	// A theme that is chosen stays, and the charts follow it.
	click(tab, button("Dark theme"))
	tab.WaitFor(`getComputedStyle(document.body).backgroundColor === "rgb(13, 17, 23)" && ` + painted)
	browsertest.Evaluate[any](tab, `location.reload() ?? null`)
	tab.WaitFor(`document.querySelector(".connection.live") && getComputedStyle(document.body).backgroundColor === "rgb(13, 17, 23)"`)

	// Logs by level, by text, and from a line to those like it.
	goTo(tab, "logs")
	tab.WaitFor(row("not so well"))
	fill(tab, labelled("Level"), "warn")
	tab.WaitFor(`document.querySelectorAll("[role=option]").length === 1`)
	fill(tab, labelled("Level"), "")
	click(tab, row("route=/v1/restaurants/{restaurant}/reviews"))
	inDetail(tab, "POST /v1/restaurants/Habibi/reviews") // the request it is of
	click(tab, `[...document.querySelectorAll(".detail .link")].find(e => e.innerText === "201")`)
	tab.WaitFor(`document.querySelector("[data-search]").value === "status=201" && document.querySelectorAll("[role=option]").length === 1`)

	// A trace, as bars and as text.
	goTo(tab, "traces")
	click(tab, row("POST /v1/restaurants/{restaurant}/reviews"))
	click(tab, button("As text"))
	inDetail(tab, "DynamoDB.GetItem")
	tab.Screenshot("text")

	// What is only counted is said.
	for e.console.State().CountedOnly == 0 { // a slow machine takes more than two seconds for some of them
		var sending sync.WaitGroup
		for range 20 {
			sending.Go(func() { e.send(t, http.MethodGet, "/v1/restaurants/Habibi", "") })
		}
		sending.Wait()
	}
	goTo(tab, "requests")
	shows(tab, "more than 2 a second are only counted")

	// What was recorded can be forgotten.
	goTo(tab, "environment")
	click(tab, button("Forget requests, logs and traces"))
	tab.WaitFor(`document.activeElement.innerText === "Cancel"`) // nothing is lost by a key too many
	click(tab, element("dialog button", "Forget it"))
	goTo(tab, "requests")
	shows(tab, "No requests yet")
	kept(t, tab, e.url)
}
