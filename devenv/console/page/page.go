// Package page is the console's page: HTML, one style sheet and ES modules, which a
// browser reads as they lie in assets. It knows the console by its JSON API alone, and
// needs nothing from elsewhere.
//
// What lies in assets/vendor is made by `go run ./devenv/console/page/update`, from the
// packages that are locked beside it; the rest is written by hand. Read
// assets/app/main.js first.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed assets
var assets embed.FS

// Policy is the Content-Security-Policy of the page. It runs its own scripts and talks to
// its own server. Trusted types leave no way for a text to become markup: a script that
// sets innerHTML fails.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// The media types are not left to package mime, which asks the machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

type asset struct {
	content []byte
	tag     string
}

// Handler serves the page at /, and what it is made of below.
func Handler() http.Handler {
	files, err := read()
	if err != nil {
		panic(err) // embedded files can be read
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path
		if name == "/" {
			name = "/index.html"
		}
		file, ok := files[name]
		if !ok || name == "/index.html" && r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "The page can only be read.", http.StatusMethodNotAllowed)
			return
		}
		header := w.Header()
		header.Set("Content-Type", mediaTypes[path.Ext(name)])
		header.Set("ETag", file.tag)
		header.Set("Cache-Control", "no-cache") // ask each time, and get 304: a new build may be a new page
		header.Set("Content-Security-Policy", Policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.content))
	})
}

// read returns the files by the paths of their URLs.
func read() (map[string]asset, error) {
	files := map[string]asset{}
	inside, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(inside, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(inside, name)
		sum := sha256.Sum256(content)
		files["/"+name] = asset{content, `"` + hex.EncodeToString(sum[:12]) + `"`}
		return err
	})
	return files, err
}
