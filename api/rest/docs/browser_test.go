package docs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
)

// open shows the page, complete with its last operation.
func open(t *testing.T, server *httptest.Server, before ...func(*browsertest.Tab)) *browsertest.Tab {
	t.Helper()
	tab := browsertest.Open(t)
	for _, prepare := range before {
		prepare(tab)
	}
	tab.Load(server.URL+"/docs", `document.title === "Falafel API" && document.body.innerText.includes("Is the server running?")`)
	return tab
}

// button is a JavaScript expression for the button whose text a regular expression matches.
func button(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("button")].find(b => /%s/.test(b.innerText))`, text)
}

func click(tab *browsertest.Tab, element string) {
	tab.WaitFor(element)
	browsertest.Evaluate[any](tab, `(`+element+`).click() ?? null`)
}

// goTo opens an operation by its link in the sidebar. The page makes what is in sight, and
// moves while it does.
func goTo(tab *browsertest.Tab, title, operation string) {
	click(tab, button("^"+title))
	tab.WaitFor(`(s => s && (s.scrollIntoView(), s.innerText.includes("Test Request")))(` + section(operation) + `)`)
}

// section is a JavaScript expression for the part of the page that an operation has.
func section(operation string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("section")].find(s => s.querySelector("section") === null && s.innerText.includes(%q))`, operation)
}

func addReview(t *testing.T, server *httptest.Server, comment string) {
	t.Helper()
	body := fmt.Sprintf(`{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": %q}`, comment)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/restaurants/Habibi/reviews", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusCreated, response.StatusCode)
}

// kept requires that the page asked nobody but its own server, and that the browser had
// to refuse it nothing. It closes the browser.
func kept(t *testing.T, server *httptest.Server, tab *browsertest.Tab) {
	t.Helper()
	assert.Empty(t, tab.Complaints())
	requests := tab.Requests()
	require.NotEmpty(t, requests)
	for _, request := range requests {
		u, err := url.Parse(request)
		require.NoError(t, err)
		if u.Scheme != "data" { // a picture within the page: it goes nowhere
			assert.Equal(t, server.URL, u.Scheme+"://"+u.Host, request)
		}
	}
	assert.Equal(t, []string{"127.0.0.1"}, tab.Hosts())
}

// This is the promise that everything on the page is local: all that a reader can do is
// done, while the browser notes what it asks for.
func TestNothingThatAReaderDoesLeavesTheMachine(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	addReview(t, server, "Crisp outside, green inside.")
	tab := open(t, server)
	tab.Screenshot("page")

	// Search, from the keyboard alone.
	tab.Do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	tab.WaitFor(`document.activeElement.getAttribute("role") === "combobox"`)
	tab.Do(chromedp.KeyEvent("newest"))
	tab.WaitFor(`/newest/.test(document.querySelector("[role=option]")?.innerText)`)
	tab.Screenshot("search")
	tab.Do(chromedp.KeyEvent(kb.ArrowDown))
	tab.WaitFor(`/newest/.test(document.querySelector("[role=option][aria-selected=true]")?.innerText)`)
	// Not kb.Enter, whose second event comes late, and presses the button that has the focus by then.
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		browsertest.Call(tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13})
	}
	tab.WaitFor(`location.hash.endsWith("/v1/reviews") && document.querySelector("[role=option]") === null`)

	// Samples, in each of the four languages that there are.
	goTo(tab, "Add a review", "createReview")
	last := "Curl"
	for _, sample := range []struct{ client, code string }{
		{"Requests", "requests.post("}, {"NewRequest", "http.NewRequest("}, {"Fetch", "fetch('http"}, {"Curl", "curl "},
	} {
		click(tab, `[...`+section("createReview")+`.querySelectorAll("button")].find(b => b.innerText.includes("`+last+`"))`)
		tab.WaitFor(`document.querySelectorAll("[role=option]").length === 4`)
		click(tab, `[...document.querySelectorAll("[role=option]")].find(o => o.innerText.includes("`+sample.client+`"))`)
		tab.WaitFor(section("createReview") + `.innerText.includes("` + sample.code + `")`)
		assert.Contains(t, browsertest.Evaluate[string](tab, section("createReview")+`.innerText`), server.URL[len("http://"):]+"/v1/restaurants/Habibi/reviews", sample.client)
		tab.Screenshot("sample-" + sample.client)
		last = sample.client
	}

	// Dark mode, which is kept.
	click(tab, `document.querySelector(".darklight-reference button, [aria-label*='dark mode' i]")`)
	tab.WaitFor(`document.body.classList.contains("dark-mode")`)
	tab.Screenshot("dark")

	// "Try it", against the API that serves the page.
	goTo(tab, "List the newest reviews", "listReviews")
	click(tab, `[...`+section("listReviews")+`.querySelectorAll("button")].find(b => b.innerText.includes("Test Request"))`)
	tab.WaitFor(button(`^\s*Send`))
	click(tab, button(`^\s*Send`))
	tab.WaitFor(`/200 OK/.test(document.body.innerText) && document.body.textContent.includes("Crisp outside, green inside.")`)
	tab.Screenshot("try")
	assert.Contains(t, tab.Requests(), server.URL+"/v1/reviews")

	kept(t, server, tab)
}

func TestThePageWorksOnAPhoneAndInTheDark(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	tab := open(t, server, func(tab *browsertest.Tab) {
		tab.Do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
		browsertest.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
	})
	tab.WaitFor(`document.body.classList.contains("dark-mode")`)
	assert.LessOrEqual(t, browsertest.Evaluate[int](tab, `document.documentElement.scrollWidth`), 390, "nothing sticks out")
	tab.Screenshot("page")
	kept(t, server, tab)
}

// The examples of the document say what a request looks like: one that cannot be sent as
// it stands in the form would be a trap.
func TestAReviewCanBeAddedFromThePage(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	tab := open(t, server)
	goTo(tab, "Add a review", "createReview")
	click(tab, `[...`+section("createReview")+`.querySelectorAll("button")].find(b => b.innerText.includes("Test Request"))`)
	tab.WaitFor(button(`^\s*Send`))
	click(tab, button(`^\s*Send`))
	tab.WaitFor(`/201 Created/.test(document.body.innerText)`)
	tab.Screenshot("added")
	assert.Contains(t, tab.Requests(), server.URL+"/v1/restaurants/Habibi/reviews")
	assert.Contains(t, get(t, server, "/v1/restaurants/Habibi").body, `"review_count":1,`)
	kept(t, server, tab)
}

func TestWithoutScriptsThePageLeadsToTheDocument(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	tab := browsertest.Open(t)
	browsertest.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	tab.Load(server.URL+"/docs", `document.body.innerText.includes("OpenAPI document")`)
	assert.Equal(t, []string{server.URL + "/openapi.yaml", server.URL + "/openapi.json"},
		browsertest.Evaluate[[]string](tab, `[...document.querySelectorAll("noscript a")].map(a => a.href)`))
	kept(t, server, tab)
}
