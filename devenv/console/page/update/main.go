// Update makes the libraries of the console's page anew, from the npm packages that are
// locked beside this file:
//
//	go run ./devenv/console/page/update           # writes devenv/console/page/assets/vendor
//	go run ./devenv/console/page/update --check   # fails where they differ, and writes nothing
//
// It needs npm, which checks each package against its digest in package-lock.json. For
// newer libraries, change package.json and run `npm install --package-lock-only
// --ignore-scripts` there first.
//
// There is no bundler: each library is one ES module already, and all that changes are
// the names by which they import each other. A browser would want an import map for
// these, which has to be in the page itself, where the page's policy allows no script.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pretendfriend/falafel-api/api/rest/docs/update/npm"
)

func main() {
	npm.Assets{
		Page: "console page", Locked: "devenv/console/page/update", Folder: "devenv/console/page/assets/vendor", Made: "*", Build: build,
	}.Main()
}

// A library is one file of a package.
type library struct {
	file     string // in assets/vendor
	imported string // the name by which others import it
	from     string // in node_modules
}

var libraries = []library{
	{"preact.js", "preact", "preact/dist/preact.mjs"},
	{"preact-hooks.js", "preact/hooks", "preact/hooks/dist/hooks.mjs"},
	{"htm.js", "htm", "htm/dist/htm.mjs"},
	{"signals.js", "@preact/signals", "@preact/signals/dist/signals.mjs"},
	{"signals-core.js", "@preact/signals-core", "@preact/signals-core/dist/signals-core.mjs"},
	{"uplot.js", "uplot", "uplot/dist/uPlot.esm.js"},
	{"uplot.css", "", "uplot/dist/uPlot.min.css"},
}

// packages are those whose licences ask for a notice.
var packages = []string{"@preact/signals", "@preact/signals-core", "htm", "preact", "uplot"}

func build(modules string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, library := range libraries {
		content, err := os.ReadFile(filepath.Join(modules, library.from))
		if err != nil {
			return nil, err
		}
		if files[library.file], err = forBrowser(content); err != nil {
			return nil, fmt.Errorf("%s: %w", library.from, err)
		}
	}
	var err error
	files["notices.txt"], err = notices(modules)
	return files, err
}

var (
	importedName = regexp.MustCompile(`\b(from ?|import ?)"(@?[a-z][a-z0-9/-]*)"`)
	sourceMap    = regexp.MustCompile(`\s*//# sourceMappingURL=\S*`)
)

// forBrowser has a module import its neighbours by their files, and leaves out the
// addresses of source maps, which are not there.
func forBrowser(module []byte) ([]byte, error) {
	var unknown error
	rewritten := importedName.ReplaceAllFunc(module, func(found []byte) []byte {
		parts := importedName.FindSubmatch(found)
		for _, library := range libraries {
			if library.imported == string(parts[2]) {
				return fmt.Appendf(nil, `%s"./%s"`, parts[1], library.file)
			}
		}
		unknown = fmt.Errorf("it imports %s, which is not among the libraries of the page", parts[2])
		return found
	})
	return append(bytes.TrimRight(sourceMap.ReplaceAll(rewritten, nil), "\n"), '\n'), unknown
}

// notices are the licences of the packages, as they ask for.
func notices(modules string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("The console's page is made with these libraries.\n")
	for _, name := range packages {
		text, err := os.ReadFile(filepath.Join(modules, name, "LICENSE"))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 80), name, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	return out.Bytes(), nil
}
