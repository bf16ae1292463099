package page_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
)

// open shows the page at a hash, connected.
func open(t *testing.T, url, hash string, before ...func(*browsertest.Tab)) *browsertest.Tab {
	t.Helper()
	tab := browsertest.Open(t)
	for _, prepare := range before {
		prepare(tab)
	}
	tab.Load(url+"/#/"+hash, `document.querySelector(".connection.live")`)
	return tab
}

func quoted(text string) string {
	content, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can be marshalled
	}
	return string(content)
}

// goTo follows a link within the page.
func goTo(tab *browsertest.Tab, hash string) {
	browsertest.Evaluate[any](tab, `(location.hash = `+quoted("#/"+hash)+`) && null`)
}

// element is a JavaScript expression for the first that a selector finds and that says
// the text, or is called so.
func element(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.checkVisibility() && ((e.innerText || "").includes(%[2]s) || (e.getAttribute("aria-label") || e.title || "").includes(%[2]s)))`, quoted(selector), quoted(text))
}

func button(text string) string { return element("button, a", text) }

func row(text string) string { return element("[role=option]", text) }

func click(tab *browsertest.Tab, element string) {
	tab.WaitFor("(e => e && !e.disabled)(" + element + ")")
	browsertest.Evaluate[any](tab, `(`+element+`).click() ?? null`)
}

// fill types into a field, in the place of what is there.
func fill(tab *browsertest.Tab, field, text string) {
	tab.WaitFor(field)
	browsertest.Evaluate[any](tab, `(field => {
		field.value = `+quoted(text)+`;
		field.dispatchEvent(new Event("input", {bubbles: true}));
		field.dispatchEvent(new Event("change", {bubbles: true}));
		return null;
	})(`+field+`)`)
}

// labelled is the field of a label.
func labelled(label string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("label")].find(l => (l.querySelector("span") ?? l).textContent.trim() === %s)?.control`, quoted(label))
}

func shows(tab *browsertest.Tab, texts ...string) {
	for _, text := range texts {
		tab.WaitFor(`document.body.innerText.includes(` + quoted(text) + `)`)
	}
}

func inDetail(tab *browsertest.Tab, texts ...string) {
	for _, text := range texts {
		tab.WaitFor(`(document.querySelector(".detail")?.innerText ?? "").includes(` + quoted(text) + `)`)
	}
}

// press presses and lets go of a key that types nothing.
func press(tab *browsertest.Tab, key string, code int) {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		params := input.DispatchKeyEventParams{Type: kind, Key: key, Code: key, WindowsVirtualKeyCode: int64(code)}
		if key == "Enter" && kind == input.DispatchKeyEventTypeRawKeyDown {
			params.Type, params.Text = input.DispatchKeyEventTypeKeyDown, "\r"
		}
		browsertest.Call(tab, input.DispatchKeyEvent, params)
	}
}

func escape(tab *browsertest.Tab) { press(tab, "Escape", 27) }
func enter(tab *browsertest.Tab)  { press(tab, "Enter", 13) }
func next(tab *browsertest.Tab)   { press(tab, "Tab", 9) }

// typed presses keys that type. Not chromedp.KeyEvent, whose character arrives even where
// the page has taken the key for itself, as it does not from a keyboard.
func typed(tab *browsertest.Tab, keys string) {
	for _, key := range keys {
		text := string(key)
		browsertest.Call(tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: text, Text: text})
		browsertest.Call(tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: text})
	}
}

// kept requires that the page asked nobody but its console, and that the browser had to
// refuse it nothing, beside the answers that the test wanted. It closes the browser.
func kept(t *testing.T, tab *browsertest.Tab, origin string, wanted ...string) {
	t.Helper()
	complaints := tab.Complaints()
	for _, want := range wanted {
		complaints = without(complaints, want)
	}
	assert.Empty(t, complaints)
	requests := tab.Requests()
	require.NotEmpty(t, requests)
	for _, request := range requests {
		u, err := url.Parse(request)
		require.NoError(t, err)
		assert.Equal(t, origin, u.Scheme+"://"+u.Host, request)
	}
	assert.Equal(t, []string{"127.0.0.1"}, tab.Hosts())
}
