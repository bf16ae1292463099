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
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	locked = "devenv/console/page/update"
	vendor = "devenv/console/page/assets/vendor"
)

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

func main() {
	check := flag.Bool("check", false, "compare with what is committed, and write nothing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "console page:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // npm stops with it
	defer stop()
	work, err := os.MkdirTemp("", "console-page-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	modules, err := install(ctx, work)
	if err != nil {
		return err
	}
	files, err := build(modules)
	if err != nil {
		return err
	}
	if check {
		return compare(files)
	}
	return write(files)
}

// install returns the folder of the packages, whose digests npm has checked.
func install(ctx context.Context, work string) (string, error) {
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(locked, name))
		if err != nil {
			return "", fmt.Errorf("%w: run it in the root of the repository", err)
		}
		if err := os.WriteFile(filepath.Join(work, name), content, 0o600); err != nil {
			return "", err
		}
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir, npm.Stdout, npm.Stderr = work, os.Stderr, os.Stderr
	if err := npm.Run(); err != nil {
		return "", fmt.Errorf("npm ci: %w", err)
	}
	return filepath.Join(work, "node_modules"), nil
}

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

func compare(files map[string][]byte) error {
	var errs []error
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(vendor, name))
		if err == nil && !bytes.Equal(got, want) {
			err = fmt.Errorf("%s is not what the locked packages give: run go run ./%s", filepath.Join(vendor, name), locked)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, unexpected(files, func(path string) error {
		return fmt.Errorf("%s does not come from the locked packages", path)
	}))...)
}

func write(files map[string][]byte) error {
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(vendor, name), content, 0o644); err != nil {
			return err
		}
	}
	return unexpected(files, os.Remove)
}

// unexpected calls do for each file that was not made.
func unexpected(files map[string][]byte, do func(path string) error) error {
	found, err := os.ReadDir(vendor)
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range found {
		if files[file.Name()] == nil {
			errs = append(errs, do(filepath.Join(vendor, file.Name())))
		}
	}
	return errors.Join(errs...)
}
