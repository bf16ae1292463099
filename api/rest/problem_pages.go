package rest

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
)

// A page for each kind of problem, under the address that is its type: what it means,
// and what a client does about it (RFC 9457, section 3.1.1).

//go:embed problem_pages.html
var problemPageText string

//go:embed problem_pages.css
var problemPageStyle string

var problemPage = template.Must(template.New("problem").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(problemPageStyle) }, //nolint:gosec // ours
}).Parse(problemPageText))

// problemPagePolicy allows the page its own style sheet and nothing else.
var problemPagePolicy = func() string {
	sum := sha256.Sum256([]byte(problemPageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// problemView is a kind of problem as a page shows it.
type problemView struct {
	URI, Title, StatusText, Meaning, Remedy, Example string

	Status int
}

func viewOf(kind problemKind) problemView {
	example, err := json.MarshalIndent(kind.example(), "", "  ")
	if err != nil {
		panic(err) // strings and numbers: cannot happen
	}
	return problemView{kind.uri(), kind.title, http.StatusText(kind.status), kind.meaning, kind.remedy, string(example), kind.status}
}

// serveProblemPages serves /problems/ and a page below it for each kind.
func serveProblemPages(mux *http.ServeMux) {
	views := make([]problemView, len(problemKinds))
	for i, kind := range problemKinds {
		views[i] = viewOf(kind)
		mux.HandleFunc("GET "+kind.uri(), problemPageOf(views[i:i+1]))
	}
	mux.HandleFunc("GET /problems/{$}", problemPageOf(views))
}

// problemPageOf shows one kind, or lists several.
func problemPageOf(kinds []problemView) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		if err := problemPage.Execute(&page, kinds); err != nil {
			slog.ErrorContext(r.Context(), "problem page", "error", err)
			writeProblem(w, r, problemInternal, "The error is in the log under the request id.")
			return
		}
		w.Header().Set("Content-Security-Policy", problemPagePolicy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		writeConditional(w, r, "text/html; charset=utf-8", page.Bytes())
	}
}
