package console

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

// policy lets the page load what it came with, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// commandHeader is what programs send in place of an Origin. A page of another origin can
// only send it after a preflight, which is not answered.
const commandHeader = "X-Falafel-Console"

// guarded refuses what comes neither from the console's own page nor from a program on
// this machine. Any page that a developer visits can send requests to loopback addresses:
//
//   - under a name of its own that it has made to mean 127.0.0.1 (DNS rebinding): the Host
//     header then has that name, and is refused;
//   - as a form, an image, or a fetch (CSRF): the browser says from where in Origin and
//     Sec-Fetch-Site, and what changes something has to be JSON, besides.
func (c *Console) guarded(addr net.Addr) http.Handler {
	var mux http.Handler
	if mux = c.routes(); c.saved != nil {
		mux = c.readOnly()
	}
	port := ""
	if addr != nil {
		_, port, _ = net.SplitHostPort(addr.String()) // an address of a listener has one
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		if refused := refusal(r, port); refused != "" {
			respond.Problem(w, http.StatusForbidden, refused)
			return
		}
		if changes(r) {
			// Programs that send traces have their own types, and check them.
			if wanted := contentType(r); wanted != "" && r.URL.Path != tracesPath {
				respond.Problem(w, http.StatusUnsupportedMediaType, "Send it as "+wanted+", and say so in Content-Type.")
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

// Handler is all that the console serves, for any port of this machine.
func (c *Console) Handler() http.Handler { return c.guarded(nil) }

func changes(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// refusal is why a request is none of ours; "" where it is.
func refusal(r *http.Request, port string) string {
	if !loopback(r.Host, port) {
		return "The console answers on this machine alone: ask for it as localhost or 127.0.0.1, with its port."
	}
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	if r.URL.Path == tracesPath {
		if origin != "" || site != "" {
			return "Traces are taken from programs, and not from pages."
		}
		return ""
	}
	const elsewhere = "A page of another origin can neither read nor change anything here."
	if origin != "" && origin != "http://"+r.Host {
		return elsewhere
	}
	switch site {
	case "", "same-origin", "none":
	default:
		// A link on another page may lead to this one.
		if changes(r) || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" || strings.Contains(r.URL.Path, "/api/") {
			return elsewhere
		}
	}
	if changes(r) && origin == "" && r.Header.Get(commandHeader) == "" {
		return "A change needs the Origin header that browsers send, or " + commandHeader + ": 1 from a program."
	}
	return ""
}

// loopback reports whether a Host header names this machine by what no other can be.
func loopback(host, port string) bool {
	name, itsPort, err := net.SplitHostPort(host)
	if err != nil {
		name, itsPort = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), "80"
	}
	if port != "" && itsPort != port {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.Unmap().IsLoopback()
}

// contentType is what a change should have been sent as; "" where it was.
func contentType(r *http.Request) string {
	if r.Method == http.MethodDelete && r.ContentLength == 0 {
		return ""
	}
	wanted := "application/json"
	if r.URL.Path == snapshotsPath {
		wanted = "application/gzip"
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && media == wanted {
		return ""
	}
	return wanted
}
