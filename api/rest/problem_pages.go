package rest

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// A page for each kind of problem, under the address that is its type: what it means,
// and what a client does about it (RFC 9457, section 3.1.1).
//
// Not by html/template: linking it costs 5 MB, as it finds methods by name at run time and
// so keeps the linker from leaving out any.

//go:embed problem_page.html
var problemPageText string

//go:embed problem_index.html
var problemIndexText string

//go:embed problem_pages.css
var problemPageStyle string

// problemPagePolicy allows the page its own style sheet and nothing else.
var problemPagePolicy = func() string {
	sum := sha256.Sum256([]byte(problemPageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// serveProblemPages serves /problems/ and a page below it for each kind.
func serveProblemPages(mux *http.ServeMux) {
	serve := func(path, page string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", problemPagePolicy)
			w.Header().Set("Referrer-Policy", "no-referrer")
			writeConditional(w, r, "text/html; charset=utf-8", []byte(page))
		})
	}
	var list strings.Builder
	for _, kind := range problemKinds {
		serve(kind.uri(), kind.page())
		_, _ = fmt.Fprintf(&list, "<dt><a href=\"%[1]s\">%[2]s</a></dt>\n<dd><code>%[1]s</code> · %[3]s</dd>\n",
			kind.uri(), html.EscapeString(kind.title), kind.statusLine())
	}
	serve("/problems/{$}", strings.NewReplacer("{style}", problemPageStyle, "{kinds}", list.String()).Replace(problemIndexText))
}

func (k problemKind) page() string {
	example, err := json.MarshalIndent(k.example(), "", "  ")
	if err != nil {
		panic(err) // strings and numbers: cannot happen
	}
	return strings.NewReplacer(
		"{style}", problemPageStyle,
		"{uri}", k.uri(),
		"{status}", k.statusLine(),
		"{title}", html.EscapeString(k.title),
		"{meaning}", html.EscapeString(k.meaning),
		"{remedy}", html.EscapeString(k.remedy),
		"{example}", html.EscapeString(string(example)),
	).Replace(problemPageText)
}

func (k problemKind) statusLine() string {
	return fmt.Sprintf("%d %s", k.status, http.StatusText(k.status))
}
