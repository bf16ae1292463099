// Package docs is the page on which people read the OpenAPI document and try the API:
// Scalar's renderer, with all that it needs in this program, so that it works offline
// and tells nobody. docs/decisions/0013-the-docs-page.md says why this one.
//
// What lies in assets with ".gz" is made by `go run ./api/rest/docs/update`, from the
// packages that are locked beside it; the rest is written by hand.
package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Path is where the page is. What it is made of is below, its OpenAPI document beside.
const Path = "/docs"

//go:embed assets
var assets embed.FS

// policy lets the page run its own scripts and talk to its own server. The renderer sets
// styles as elements and attributes, which only 'unsafe-inline' permits; and no style can
// call another server, as there is no source of images or fonts but this one.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// versioned is the name of a file whose content never changes under this name.
var versioned = regexp.MustCompile(`-\d+\.\d+\.\d+\.js$`)

// Mount serves the page and what it is made of. Each file has a route of its own, so
// that the others are answered as every unknown path is.
func Mount(mux *http.ServeMux) error {
	files, err := assets.ReadDir("assets")
	if err != nil {
		return fmt.Errorf("docs page: %w", err)
	}
	for _, file := range files {
		name, compressed := strings.CutSuffix(file.Name(), ".gz")
		route := Path + "/" + name
		if name == "index.html" {
			route = Path
		}
		mux.Handle("GET "+route, newAsset(name, "assets/"+file.Name(), compressed))
	}
	return nil
}

// An asset is a file of the page. It stays in the program, and nothing is read of it
// before somebody asks.
type asset struct {
	name       string
	file       string // in assets
	compressed bool   // file is in gzip
	tag        func() (string, error)
	plain      func() ([]byte, error)
}

func newAsset(name, file string, compressed bool) *asset {
	a := &asset{name: name, file: file, compressed: compressed}
	a.tag = sync.OnceValues(a.digest)
	// Kept, for the few clients that do not take gzip: they cannot make the service hold
	// more than one copy.
	a.plain = sync.OnceValues(a.decompress)
	return a
}

func (a *asset) digest() (string, error) {
	content, err := assets.ReadFile(a.file)
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:12]), err
}

func (a *asset) decompress() ([]byte, error) {
	content, err := assets.ReadFile(a.file)
	if err != nil {
		return nil, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

// open returns the representation of the asset for a client, with its entity tag.
func (a *asset) open(gzipped bool) (io.ReadSeeker, string, error) {
	tag, err := a.tag()
	if err != nil {
		return nil, "", err
	}
	if a.compressed && !gzipped {
		content, err := a.plain()
		return bytes.NewReader(content), `"` + tag + `-plain"`, err
	}
	file, err := assets.Open(a.file)
	if err != nil {
		return nil, "", err
	}
	content, ok := file.(io.ReadSeeker) // as package embed promises
	if !ok {
		return nil, "", fmt.Errorf("%s cannot be sought in", a.file)
	}
	return content, `"` + tag + `"`, nil
}

// The media types are not left to package mime, which asks the machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	gzipped := a.compressed && acceptsGzip(strings.Join(r.Header.Values("Accept-Encoding"), ","))
	content, tag, err := a.open(gzipped)
	if err != nil {
		panic(fmt.Errorf("docs page: %w", err)) // the program is broken: logged, and answered as an internal error
	}
	header := w.Header()
	if a.compressed {
		header.Add("Vary", "Accept-Encoding")
	}
	if gzipped {
		header.Set("Content-Encoding", "gzip")
		if length, err := content.Seek(0, io.SeekEnd); err == nil { // ServeContent goes back, and says no length beside an encoding
			header.Set("Content-Length", strconv.FormatInt(length, 10))
		}
	}
	header.Set("Content-Type", mediaTypes[path.Ext(a.name)])
	header.Set("ETag", tag)
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "no-referrer")
	if versioned.MatchString(a.name) {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache") // ask each time, and get 304
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// acceptsGzip reads an Accept-Encoding field (RFC 9110, section 12.5.3). No package at
// hand does: those for compression decide it inside of a middleware.
func acceptsGzip(field string) bool {
	accepted := false
	for member := range strings.SplitSeq(field, ",") {
		coding, parameters, err := mime.ParseMediaType(member)
		if err != nil {
			continue
		}
		weight, err := strconv.ParseFloat(parameters["q"], 64)
		wanted := err != nil || weight > 0
		switch coding {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			accepted = wanted
		}
	}
	return accepted
}
