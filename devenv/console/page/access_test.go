package page_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

// busy is an environment in which something has happened.
func busy(t *testing.T) *environment {
	t.Helper()
	e := start(t)
	for i := range 3 {
		e.review(t, fmt.Sprintf("Falafel %d", i), "Crisp outside, green inside.")
		e.send(t, http.MethodGet, "/v1/restaurants?limit=3", "")
	}
	e.send(t, http.MethodGet, "/v1/nothing", "")
	require.NoError(t, e.faults.Switch(faults.Fault{Kind: faults.Conflicts, Share: 1}))
	e.send(t, http.MethodPost, "/v1/restaurants/Habibi/reviews", `{"rating": 4, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8}`)
	e.console.SetBuild(console.Build{State: "failed", TookMS: 840, Output: "api/rest/reviews.go:12:3: undefined: x", Errors: []console.BuildError{
		{File: "api/rest/reviews.go", Line: 12, Column: 3, Text: "undefined: x"},
	}})
	return e
}

// views are the main ones, by what they show when they are complete.
var views = []struct{ name, hash, shows string }{
	{"requests", "requests", "/v1/restaurants?limit=3"},
	{"request", "requests/1", "create a review"},
	{"items", "requests/3/items", "SUMMARY"},
	{"send", "send/1", "Headers, one on a line"},
	{"logs", "logs", "status=201"},
	{"logline", "logs/3", "As it was written"},
	{"traces", "traces", "GET /v1/restaurants"},
	{"scan", "table/scan", "RESTAURANT#Falafel 1"},
	{"pattern", "table/reviews%20of%20a%20restaurant%2C%20newest%20first?restaurant=Falafel%201", "RESTAURANT#Falafel 1"},
	{"item", "table/scan?pk=RESTAURANT%23Falafel%201&sk=SUMMARY", "names_pk"},
	{"newitem", "table/new", "DynamoDB JSON"},
	{"indexes", "table/indexes", "Used by"},
	{"charts", "charts", "Requests per second"},
	{"faults", "faults", "Lost answers"},
	{"environment", "environment", "undefined: x"},
}

func themed(scheme string) func(*browsertest.Tab) {
	return func(tab *browsertest.Tab) {
		browsertest.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
	}
}

func phone(tab *browsertest.Tab) {
	tab.Do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

func TestEveryViewCanBeReadInBothThemesAndOnAPhone(t *testing.T) {
	t.Parallel()
	e := busy(t)
	for name, prepare := range map[string][]func(*browsertest.Tab){
		"light": {themed("light")}, "dark": {themed("dark")}, "phone": {themed("light"), phone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := open(t, e.url, "", prepare...)
			for _, view := range views {
				goTo(tab, view.hash)
				tab.WaitFor(`location.hash === ` + quoted("#/"+view.hash) + ` && document.querySelector("main").innerText.includes(` + quoted(view.shows) + `)`)
				tab.Screenshot(view.name)
				assert.Empty(t, browsertest.Evaluate[[]string](tab, tooFaint), view.name)
				assert.Empty(t, browsertest.Evaluate[[]string](tab, untidy), view.name)
				assert.Empty(t, unnamed(tab), view.name)
				assert.LessOrEqual(t, browsertest.Evaluate[int](tab, `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth`), 0, "%s: nothing sticks out", view.name)
			}
			kept(t, tab, e.url)
		})
	}
}

// tooFaint are texts whose contrast with what is behind them is below 4.5 (WCAG 2.2,
// 1.4.3): the few that are large are held to it as well.
const tooFaint = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
	const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = element => {
		for (let e = element; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; }
		return [255, 255, 255, 255];
	};
	const faint = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const text = walk.currentNode.data.trim(), element = walk.currentNode.parentElement;
		if (!text || element.closest("noscript, .hidden, :disabled, option") || !element.checkVisibility()) continue;
		const a = light(rgba(getComputedStyle(element).color)), b = light(behind(element));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) faint.add(element.tagName + "." + element.className + " " + contrast.toFixed(2) + ": " + text.slice(0, 30));
	}
	return [...faint];
})()`

// untidy are ids that occur twice, references to ids that are not there, headings that
// leave a level out, and buttons in buttons.
const untidy = `(() => {
	const wrong = [], ids = new Set();
	for (const e of document.querySelectorAll("[id]")) { if (ids.has(e.id)) wrong.push("twice: " + e.id); ids.add(e.id); }
	for (const name of ["aria-labelledby", "aria-describedby", "aria-activedescendant", "for"]) {
		for (const e of document.querySelectorAll("[" + name + "]")) for (const id of e.getAttribute(name).split(/\s+/)) if (!ids.has(id)) wrong.push(name + " of nothing: " + id);
	}
	if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
	let level = 0;
	for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
		if (!h.checkVisibility()) continue;
		const now = Number(h.tagName[1]);
		if (now > level + 1) wrong.push("a level left out before " + h.innerText);
		level = now;
	}
	for (const e of document.querySelectorAll("button button, a button, button a, label label")) wrong.push("nested: " + e.outerHTML.slice(0, 60));
	return wrong;
})()`

// unnamed are the parts that take the focus, and that a screen reader has no name for, as
// the browser itself computes them.
func unnamed(tab *browsertest.Tab) (list []string) {
	tree := browsertest.Call(tab, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		focusable := false
		for _, property := range node.Properties {
			focusable = focusable || property.Name == accessibility.PropertyNameFocusable && string(property.Value.Value) == "true"
		}
		role := strings.Trim(string(node.Role.Value), `"`)
		if focusable && role != "RootWebArea" && (node.Name == nil || string(node.Name.Value) == `""`) {
			list = append(list, role)
		}
	}
	return list
}

func TestItCanBeUsedWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, name := range []string{"First", "Second", "Third"} {
		e.send(t, http.MethodGet, "/v1/restaurants/"+name, "")
	}
	tab := open(t, e.url, "")
	tab.WaitFor(row("Third"))

	// The list, by letters; closed; by arrows.
	typed(tab, "jj")
	tab.WaitFor(`location.hash === "#/requests/2"`)
	typed(tab, "k")
	tab.WaitFor(`location.hash === "#/requests/3"`)
	inDetail(tab, "/v1/restaurants/Third")
	escape(tab)
	tab.WaitFor(`location.hash === "#/requests" && document.activeElement.id === "requests"`)
	press(tab, "ArrowDown", 40)
	press(tab, "ArrowDown", 40)
	tab.WaitFor(`location.hash === "#/requests/2" && document.activeElement.id === "requests" && document.activeElement.getAttribute("aria-activedescendant") === "requests-2"`)

	// The filter, and back out of it.
	typed(tab, "/")
	tab.WaitFor(`document.activeElement.type === "search"`)
	typed(tab, "First")
	tab.WaitFor(`document.querySelectorAll("[role=option]").length === 1 && location.hash.endsWith("?q=First")`)
	escape(tab)
	tab.WaitFor(`document.activeElement === document.body`)

	// Replay, edit and send, tabs.
	typed(tab, "r")
	tab.WaitFor(`location.hash.startsWith("#/requests/4")`)
	inDetail(tab, "/v1/restaurants/Second", "Request 2")
	typed(tab, "e")
	tab.WaitFor(`document.activeElement.matches("[data-path]")`)
	typed(tab, "/reviews")
	enter(tab)
	tab.WaitFor(`location.hash === "#/requests/5/response"`)
	inDetail(tab, "/v1/restaurants/Second/reviews")
	browsertest.Evaluate[any](tab, `document.querySelector(".detail [role=tab][aria-selected=true]").focus() ?? null`)
	press(tab, "ArrowLeft", 37)
	tab.WaitFor(`location.hash === "#/requests/5/request" && document.activeElement.innerText === "Request"`)

	// Help: the focus stays inside, and comes back.
	typed(tab, "?")
	tab.WaitFor(`document.querySelector("dialog[open]")?.contains(document.activeElement)`)
	tab.Screenshot("help")
	for range 4 {
		next(tab)
		assert.True(t, browsertest.Evaluate[bool](tab, `document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)`))
	}
	escape(tab)
	tab.WaitFor(`!document.querySelector("dialog[open]")`)

	// Everywhere by g, and back by the browser's own way.
	for key, view := range map[string]string{"l": "logs", "t": "traces", "b": "table", "c": "charts", "f": "faults", "e": "environment", "r": "requests"} {
		typed(tab, "g"+key)
		tab.WaitFor(`location.hash === "#/` + view + `" && document.querySelector("nav.views [aria-current]").getAttribute("href") === "#/` + view + `"`)
	}
	hash := browsertest.Evaluate[string](tab, `location.hash`)
	goTo(tab, "requests/1")
	inDetail(tab, "/v1/restaurants/First")
	browsertest.Evaluate[any](tab, `history.back() ?? null`)
	tab.WaitFor(`location.hash === ` + quoted(hash))

	// By Tab alone, everything that has a place is reached, and where one is can be seen.
	goTo(tab, "requests")
	browsertest.Evaluate[any](tab, `document.activeElement.blur() ?? null`)
	reached := map[string]bool{}
	for range 30 {
		next(tab)
		reached[browsertest.Evaluate[string](tab, `(e => (getComputedStyle(e).outlineStyle !== "none" ? "" : "unseen ") + (e.getAttribute("aria-label") || e.innerText || e.placeholder || e.tagName).trim())(document.activeElement)`)] = true
	}
	for _, name := range []string{"To the content", "Pause live lists (p)", "Keys (?)", "Logs", "Environment", "All methods", "5xx", "Requests, newest first"} {
		found := false
		for at := range reached {
			found = found || strings.HasPrefix(at, name)
		}
		assert.True(t, found, "%s is not among %q", name, reached)
	}
	kept(t, tab, e.url)
}
