package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

func (c *Console) copyRequest(w http.ResponseWriter, r *http.Request) {
	e := c.exchangeOf(w, r)
	if e == nil {
		return
	}
	write := map[string]func(Copied) string{"curl": Copied.curl, "go": Copied.golang, "typescript": Copied.typescript}[r.URL.Query().Get("as")]
	if write == nil {
		respond.Problem(w, http.StatusBadRequest, "A request can be copied as curl, as go, or as typescript.")
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprint(w, write(copyOf(e.full(), c.options.Front))) // the client may be gone
}

// Copied is a request as somebody would write it down.
type Copied struct {
	method, url, path string
	headers           [][2]string
	body              []byte
	status            int
	notes             []string // what the copy lacks
}

// notCopied are fields that whoever sends the copy sets itself.
var notCopied = append([]string{"Accept-Encoding", "User-Agent", "Referer", "Origin", "Cache-Control", "Pragma", "Priority", "Dnt"}, notSent...)

func copyOf(r Request, front string) Copied {
	c := Copied{method: r.Method, url: front + r.Path, path: r.Path, status: r.Status, body: r.Request.Body.Base64}
	if len(c.body) == 0 {
		c.body = []byte(r.Request.Body.Text)
	}
	for _, field := range r.Request.Headers {
		switch name := field[0]; {
		case strings.Contains(field[1], masked):
			c.notes = append(c.notes, name+" had a credential, which is not kept: add it.")
		case slices.Contains(notCopied, name), strings.HasPrefix(name, "Sec-"), name == "Accept" && field[1] == "*/*":
		default:
			c.headers = append(c.headers, field)
		}
	}
	if r.Request.Body.Truncated {
		c.notes = append(c.notes, fmt.Sprintf("Of the body, the first %d of %d bytes are here.", len(c.body), r.Request.Body.Bytes))
	}
	if r.Request.Body.Note != "" {
		c.notes = append(c.notes, "The body is not here. "+r.Request.Body.Note)
	}
	if strings.Contains(r.Path, masked) || strings.Contains(string(c.body), masked) {
		c.notes = append(c.notes, "A credential in it is not kept: it stands as "+masked+".")
	}
	return c
}

func (c Copied) comment(b *strings.Builder, mark string) {
	for _, note := range c.notes {
		fmt.Fprintf(b, "%s %s\n", mark, note)
	}
}

// curl is for a POSIX shell.
func (c Copied) curl() string {
	var b strings.Builder
	c.comment(&b, "#")
	// An argument can hold no NUL, and what is no text might not survive a terminal.
	piped := len(c.body) > 0 && (!utf8.Valid(c.body) || bytes.ContainsRune(c.body, 0))
	if piped {
		b.WriteString("printf '")
		for _, octet := range c.body {
			fmt.Fprintf(&b, `\%03o`, octet)
		}
		b.WriteString("' | ")
	}
	b.WriteString("curl -i --path-as-is --globoff")
	switch {
	case c.method == http.MethodHead:
		b.WriteString(" --head")
	case c.method == http.MethodGet && len(c.body) == 0:
	default:
		b.WriteString(" -X " + shellQuote(c.method))
	}
	b.WriteString(" " + shellQuote(c.url))
	typed := false
	for _, field := range c.headers {
		typed = typed || field[0] == "Content-Type"
		header := field[0] + ": " + field[1]
		if field[1] == "" {
			header = field[0] + ";" // which is curl's way to send one that is empty
		}
		b.WriteString(" \\\n  -H " + shellQuote(header))
	}
	if len(c.body) > 0 {
		if !typed {
			b.WriteString(" \\\n  -H 'Content-Type:'") // else curl takes it for a form
		}
		if piped {
			b.WriteString(" \\\n  --data-binary @-")
		} else {
			b.WriteString(" \\\n  --data-raw " + shellQuote(string(c.body)))
		}
	}
	return b.String() + "\n"
}

// shellQuote makes one word of any text.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// golang is a test, in a file of its own.
func (c Copied) golang() string {
	var b strings.Builder
	b.WriteString("package falafel_test\n\nimport (\n\t\"io\"\n\t\"net/http\"\n")
	content := "http.NoBody"
	if len(c.body) > 0 {
		b.WriteString("\t\"strings\"\n")
		content = "strings.NewReader(" + goQuote(string(c.body)) + ")"
	}
	b.WriteString("\t\"testing\"\n)\n\n")
	c.comment(&b, "//")
	fmt.Fprintf(&b, "func Test%s(t *testing.T) {\n", c.name())
	fmt.Fprintf(&b, "\trequest, err := http.NewRequestWithContext(t.Context(), %s, %s, %s)\n", strconv.Quote(c.method), strconv.Quote(c.url), content)
	b.WriteString("\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n")
	for _, field := range c.headers {
		fmt.Fprintf(&b, "\trequest.Header.Add(%s, %s)\n", strconv.Quote(field[0]), goQuote(field[1]))
	}
	b.WriteString("\tresponse, err := http.DefaultClient.Do(request)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\tdefer response.Body.Close()\n")
	b.WriteString("\tbody, err := io.ReadAll(response.Body)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n")
	fmt.Fprintf(&b, "\tif response.StatusCode != %d {\n\t\tt.Errorf(\"the answer is %%s, and not %d: %%s\", response.Status, body)\n\t}\n}\n", c.status, c.status)
	return b.String()
}

// goQuote prefers what can be read.
func goQuote(text string) string {
	if strconv.CanBackquote(text) && strings.ContainsAny(text, `"\`) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// name is the request in the form of an identifier: "PostV1Reviews".
func (c Copied) name() string {
	path, _, _ := strings.Cut(c.path, "?")
	var b strings.Builder
	upper := true
	for _, r := range strings.ToLower(c.method) + "/" + path {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		switch {
		case !letter:
			upper = true
		case upper:
			b.WriteString(strings.ToUpper(string(r)))
			upper = false
		default:
			b.WriteRune(r)
		}
		if b.Len() > 60 {
			break
		}
	}
	return b.String()
}

// typescript is for a module: of a browser, of Node, or of a test.
func (c Copied) typescript() string {
	var b strings.Builder
	c.comment(&b, "//")
	fmt.Fprintf(&b, "const response = await fetch(%s, {\n  method: %s,\n", jsQuote(c.url), jsQuote(c.method))
	if len(c.headers) > 0 {
		b.WriteString("  headers: [\n")
		for _, field := range c.headers {
			fmt.Fprintf(&b, "    [%s, %s],\n", jsQuote(field[0]), jsQuote(field[1]))
		}
		b.WriteString("  ],\n")
	}
	switch {
	case len(c.body) == 0:
	case utf8.Valid(c.body):
		fmt.Fprintf(&b, "  body: %s,\n", jsQuote(string(c.body)))
	default:
		list := make([]string, len(c.body))
		for i, octet := range c.body {
			list[i] = strconv.Itoa(int(octet))
		}
		fmt.Fprintf(&b, "  body: new Uint8Array([%s]),\n", strings.Join(list, ", "))
	}
	b.WriteString("});\nconsole.log(response.status, await response.text());\n")
	return b.String()
}

// jsQuote is a string literal: JSON is one since ECMAScript 2019.
func jsQuote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return `""` // a string cannot fail
	}
	return string(quoted)
}
