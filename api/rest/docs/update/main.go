// Update makes the renderer of the docs page anew, from the npm packages that are locked
// beside this file:
//
//	go run ./api/rest/docs/update           # writes api/rest/docs/assets
//	go run ./api/rest/docs/update --check   # fails where they differ, and writes nothing
//
// It needs npm, which checks each package against its digest in package-lock.json. For a
// newer renderer, change package.json and run `npm install --package-lock-only
// --ignore-scripts` there first, and after it the names in assets/index.html.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pretendfriend/falafel-api/api/rest/docs/update/npm"
)

const renderer = "@scalar/api-reference"

func main() {
	npm.Assets{
		Page: "docs page", Locked: "api/rest/docs/update", Folder: "api/rest/docs/assets", Made: "*.gz", Build: build,
	}.Main()
}

// build makes the files of the page that are not written by hand.
func build(modules string) (map[string][]byte, error) {
	version, err := readPackage(filepath.Join(modules, renderer))
	if err != nil {
		return nil, err
	}
	bundle := filepath.Join(modules, renderer, "dist", "browser")
	script, err := os.ReadFile(filepath.Join(bundle, "standalone.js"))
	if err != nil {
		return nil, err
	}
	inside, err := bundled(filepath.Join(bundle, "webpack-stats.json"))
	if err != nil {
		return nil, err
	}
	notices, err := notices(modules, inside)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"scalar-" + version.Version + ".js.gz": script,
		"notices.txt.gz":                       notices,
	}
	for name, content := range files {
		if files[name], err = compress(content); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// compress has no time and no name in its header: the same content gives the same bytes.
func compress(content []byte) ([]byte, error) {
	var compressed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(content); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return compressed.Bytes(), nil
}

type npmPackage struct {
	Version string `json:"version"`
	License string `json:"license"`
}

func readPackage(folder string) (npmPackage, error) {
	var p npmPackage
	content, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil {
		return p, err
	}
	err = json.Unmarshal(content, &p)
	return p, err
}

var moduleOf = regexp.MustCompile(`node_modules/((?:@[^/]+/)?[^/.][^/]*)/`)

// bundled are the names of the packages that are in the renderer's script, as those who
// built it tell in its statistics.
func bundled(statistics string) ([]string, error) {
	content, err := os.ReadFile(statistics)
	if err != nil {
		return nil, err
	}
	var stats struct {
		Modules []struct {
			Name string `json:"name"`
		} `json:"modules"`
	}
	if err := json.Unmarshal(content, &stats); err != nil {
		return nil, fmt.Errorf("%s: %w", statistics, err)
	}
	names := map[string]bool{renderer: true}
	for _, module := range stats.Modules {
		if found := moduleOf.FindAllStringSubmatch(module.Name, -1); found != nil {
			names[found[len(found)-1][1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// notices are the licences of all that is in the script, as they ask for, each text once.
func notices(modules string, names []string) ([]byte, error) {
	owners := map[string][]string{} // by text
	for _, name := range names {
		text, err := licence(modules, name)
		if err != nil {
			return nil, err
		}
		owners[text] = append(owners[text], name)
	}
	texts := slices.SortedFunc(maps.Keys(owners), func(a, b string) int { return cmp.Compare(owners[a][0], owners[b][0]) })
	var out bytes.Buffer
	out.WriteString("The docs page is rendered by Scalar (" + renderer + ").\nThese are the licences of Scalar and of what is in its script.\n")
	for _, text := range texts {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 80), strings.Join(owners[text], ", "), text)
	}
	return out.Bytes(), nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)(\.md|\.txt)?$`)

func licence(modules, name string) (string, error) {
	folder := filepath.Join(modules, name)
	if name == renderer {
		folder = filepath.Join(modules, "@scalar/types") // of the same repository; the renderer's package has no file of it
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return "Its makers tell the licence in its own npm package.", nil // the renderer's builders had it, its users do not get it
	}
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if licenceFile.MatchString(entry.Name()) {
			text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			return strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), err
		}
	}
	declared, err := readPackage(folder)
	return cmp.Or(declared.License, "No licence named") + ", says its package, which holds no text of it.", err
}
