// Package browsertest gives tests a Chromium, and tells what a page did in it: whom it
// called, and what the browser refused or complained about.
//
//	func TestThePage(t *testing.T) {
//		t.Parallel()
//		tab := browsertest.Open(t)
//		tab.Load(server.URL, `document.title === "Reviews"`)
//		assert.Empty(t, tab.Complaints())
//	}
//
// The environment says what happens without one:
//
//	FALAFEL_TEST_BROWSER=1          a Chromium that is missing fails the test
//	(unset)                         and skips it aloud
//	FALAFEL_TEST_SCREENSHOTS=DIR    where screenshots are left; none are taken without
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	demandVariable     = "FALAFEL_TEST_BROWSER"
	screenshotVariable = "FALAFEL_TEST_SCREENSHOTS"

	// Where the tests' servers listen.
	thisMachine = "127.0.0.1"

	// patience is how long a page may take for one step, on a busy machine.
	patience = 30 * time.Second
)

// programs are the names under which systems have it.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// A Tab is the one tab of a browser that the test has for itself. It knows no host but
// this machine: every other name is not found.
type Tab struct {
	t       testing.TB
	context context.Context
	log     string // the browser's own, of all that its network does
	close   func() error

	mu         sync.Mutex
	requests   []string
	complaints []string
	brokenOff  bool // something that was loaded; see Load
}

// Open starts a browser. It ends with the test.
func Open(t testing.TB) *Tab {
	t.Helper()
	program := find(t)
	tab := &Tab{t: t, log: filepath.Join(t.TempDir(), "network.json")}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program),
		chromedp.WindowSize(1366, 900),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE "+thisMachine),
		chromedp.Flag("log-net-log", tab.log),
		chromedp.Flag("disable-features", "Translate,AutofillServerCommunication"), // which ask about the page's text and forms
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to be root's in its sandbox
	}
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	tab.context = ctx
	tab.close = sync.OnceValue(func() error {
		defer stop()
		defer cancel()
		ending, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return chromedp.Cancel(ending)
	})
	t.Cleanup(func() { _ = tab.close() })

	tab.must(chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	tab.must(chromedp.Listen(ctx, tab.note))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	tab.must(err)
	_, err = chromedp.Call(ctx, audits.Enable, cdp.Empty{})
	tab.must(err)
	return tab
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range programs {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	if os.Getenv(demandVariable) != "" {
		t.Fatalf("%s demands a Chromium, and there is none: sudo apt install chromium, or your system's way", demandVariable)
	}
	t.Skipf("no Chromium on this machine (set %s=1 to have that fail)", demandVariable)
	return ""
}

func (tab *Tab) must(err error) {
	tab.t.Helper()
	if err != nil {
		tab.t.Fatalf("browser: %v", err)
	}
}

// note takes what the browser tells of the page.
func (tab *Tab) note(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	complain := func(format string, args ...any) {
		tab.complaints = append(tab.complaints, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tab.requests = append(tab.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		tab.requests = append(tab.requests, e.URL)
	case *audits.EventIssueAdded:
		if policy := e.Issue.Details.ContentSecurityPolicyIssueDetails; policy != nil {
			complain("Content-Security-Policy: %s %s (%s)", policy.ViolatedDirective, policy.BlockedURL, policy.ContentSecurityPolicyViolationType)
		}
	case *log.EventEntryAdded:
		if strings.Contains(e.Entry.Text, networkChanged) {
			tab.brokenOff = true
		} else if e.Entry.Level == log.EntryLevelError {
			complain("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			for _, argument := range e.Args {
				complain("console: %s%s", argument.Value, argument.Description)
			}
		}
	case *runtime.EventExceptionThrown:
		complain("exception: %s", e.ExceptionDetails.Text)
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			complain("exception: %s", thrown.Description)
		}
	}
}

// networkChanged is what Chromium says of whatever it was loading when an interface came
// or went, as one does with each container that starts or ends on the machine.
const networkChanged = "net::ERR_NETWORK_CHANGED"

// maxLoads is how often a page is loaded that is broken off each time.
const maxLoads = 10

// Load opens a page, and waits until a JavaScript expression is true there. A page that was
// broken off because the machine's network changed is loaded anew, as if for the first time.
func (tab *Tab) Load(url, ready string) {
	tab.t.Helper()
	for range maxLoads {
		ctx, cancel := context.WithTimeout(tab.context, patience)
		err := chromedp.Do(ctx, chromedp.Navigate(url))
		brokenOff := func() bool { return err != nil || tab.wasBrokenOff() }
		if err != nil && !strings.Contains(err.Error(), networkChanged) {
			tab.must(err)
		}
		holds, asked := tab.becomes(ctx, ready, brokenOff)
		cancel()
		switch {
		case holds:
			return
		case !brokenOff():
			tab.neverTrue(ready, asked)
		}
		tab.Do(chromedp.Navigate("about:blank")) // the address alone may lead to another place on the same page
		tab.mu.Lock()
		tab.requests, tab.complaints, tab.brokenOff = nil, nil, false
		tab.mu.Unlock()
	}
	tab.t.Fatalf("browser: the machine's network changed %d times while %s was loaded", maxLoads, url)
}

func (tab *Tab) wasBrokenOff() bool {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return tab.brokenOff
}

// Do does these, one after the other.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.context, patience)
	defer cancel()
	tab.must(chromedp.Do(ctx, actions...))
}

// Call sends a command of the browser's protocol, for which there is no action.
func Call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.context, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	tab.must(err)
	return result
}

// Evaluate returns what a JavaScript expression is.
func Evaluate[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.context, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("browser: %s: %v", expression, err)
	}
	return value
}

// WaitFor waits until a JavaScript expression is true. Where it does not become so, the
// test ends with what the page shows.
func (tab *Tab) WaitFor(expression string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.context, patience)
	defer cancel()
	if holds, err := tab.becomes(ctx, expression, func() bool { return false }); !holds {
		tab.neverTrue(expression, err)
	}
}

// becomes asks until the expression is true, the context ends, or there is no sense in it
// any more; the error is that of the last time.
func (tab *Tab) becomes(ctx context.Context, expression string, senseless func() bool) (holds bool, err error) {
	// Not chromedp.Poll: it compiles code in the page, which a page may forbid.
	for !senseless() {
		holds, err = chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && holds {
			return true, nil
		}
		if ctx.Err() != nil {
			break
		}
		_ = chromedp.Do(ctx, chromedp.Sleep(20*time.Millisecond))
	}
	return false, err
}

func (tab *Tab) neverTrue(expression string, err error) {
	tab.t.Helper()
	tab.Screenshot("failed")
	shown, _ := chromedp.Run(tab.context, chromedp.Evaluate[string](`document.body.innerText`))
	tab.t.Fatalf("browser: never came true: %s (%v); complaints: %q; the page shows:\n%.2000s", expression, err, tab.Complaints(), shown)
}

// Screenshot leaves what the tab shows, named after the test, where the environment asks
// for it.
func (tab *Tab) Screenshot(name string) {
	tab.t.Helper()
	folder := os.Getenv(screenshotVariable)
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(tab.context, patience)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	tab.must(err)
	tab.must(os.MkdirAll(folder, 0o755))
	file := strings.ReplaceAll(tab.t.Name(), "/", "-") + "-" + name + ".png"
	tab.must(os.WriteFile(filepath.Join(folder, file), image, 0o644))
}

// Requests are the URLs that the page asked for until now, from whatever cause, in order.
// What its policy refused is not always among them, but among the complaints.
func (tab *Tab) Requests() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.requests)
}

// Complaints are what the browser refused the page by its Content-Security-Policy, and
// the errors of its console, until now.
func (tab *Tab) Complaints() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.complaints)
}

// Hosts closes the browser, and returns the hosts that it wanted to reach for the pages
// of this machine, their workers and frames, from its own log of the network. It holds
// what [Tab.Requests] cannot: connections and look-ups of names without a request. What a
// browser asks for by itself, such as its updates, is told apart by the keys under which
// it keeps the connections of each site.
func (tab *Tab) Hosts() []string {
	tab.t.Helper()
	tab.must(tab.close())
	content, err := os.ReadFile(tab.log)
	tab.must(err)
	var recorded struct {
		Events []struct {
			Params struct {
				URL           string `json:"url"`
				Host          string `json:"host"`
				Initiator     string `json:"initiator"`
				Isolation     string `json:"network_isolation_key"`
				Anonymization string `json:"network_anonymization_key"`
			} `json:"params"`
		} `json:"events"`
	}
	if err := json.Unmarshal(content, &recorded); err != nil {
		tab.t.Fatalf("browser: its log of the network is not whole: %v", err)
	}
	hosts := map[string]bool{}
	for _, event := range recorded.Events {
		of := event.Params
		if !strings.Contains(of.Initiator+of.Isolation+of.Anonymization, thisMachine) {
			continue
		}
		for _, address := range []string{of.URL, of.Host} {
			if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
				hosts[u.Hostname()] = true
			} else if address != "" {
				hosts[address] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(hosts))
}
