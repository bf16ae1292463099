package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// History is the folder openapi/ as far as the promise goes:
//
//	openapi.yaml                 the document, as the code has it now
//	released/1.4.0.yaml          a document as it was released; the newest is the promise
//	released/1.4.0.md            what the changelog says about it, written at its release
//	released/notes/1.4.0.yaml    what people wrote about it: see [Notes]
//	CHANGELOG.md                 all of that, to be read
//
// A section is written once, at the release: what is announced and removed depends on
// the day, and what happened must not change its wording with the next oasdiff.
type History struct {
	Dir string
}

// ErrNothingToRelease is the answer to a release of what is released.
var ErrNothingToRelease = errors.New("nothing to release: the document is the released one")

// Current is the document of the code.
func (h History) Current() (Document, error) {
	return h.document("openapi.yaml")
}

// Versions are the released ones, the newest first.
func (h History) Versions() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(h.Dir, "released", "*.yaml"))
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, path := range paths {
		version := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if !semver.IsValid("v" + version) {
			return nil, fmt.Errorf("%s: the name of a released document is its version, such as 1.4.0.yaml", path)
		}
		versions = append(versions, version)
	}
	slices.SortFunc(versions, func(a, b string) int { return semver.Compare("v"+b, "v"+a) })
	return versions, nil
}

// last is the newest released document; none is an empty version.
func (h History) last() (Document, error) {
	versions, err := h.Versions()
	if err != nil || len(versions) == 0 {
		return Document{}, err
	}
	document, err := h.document(filepath.Join("released", versions[0]+".yaml"))
	if err != nil {
		return Document{}, err
	}
	if document.Version != versions[0] {
		return Document{}, fmt.Errorf("released/%s.yaml says that it is %s: a released document is never edited", versions[0], document.Version)
	}
	return document, nil
}

func (h History) document(name string) (Document, error) {
	content, err := os.ReadFile(filepath.Join(h.Dir, name))
	if err != nil {
		return Document{}, err
	}
	document, err := ParseDocument(content)
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", name, err)
	}
	return document, nil
}

func (h History) notes(version string) (Notes, error) {
	name := filepath.Join(h.Dir, "released", "notes", version+".yaml")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Notes{}, nil
	}
	if err != nil {
		return Notes{}, err
	}
	notes, err := ParseNotes(text)
	if err != nil {
		return Notes{}, fmt.Errorf("%s: %w", name, err)
	}
	return notes, nil
}

// now is where the history stands: what is promised, what the code has, and what people
// wrote about that.
func (h History) now() (released, document Document, notes Notes, err error) {
	if released, err = h.last(); err != nil {
		return released, document, notes, err
	}
	if document, err = h.Current(); err != nil {
		return released, document, notes, err
	}
	notes, err = h.notes(document.Version)
	return released, document, notes, err
}

// Check holds the document of the code against the last released one.
func (h History) Check() ([]string, error) {
	released, document, notes, err := h.now()
	if err != nil {
		return nil, err
	}
	if released.Version == "" {
		return []string{"no document is released, so that nothing is promised: go run ./openapi/promise release"}, nil
	}
	problems, err := Check(released, document, notes)
	if err != nil {
		return nil, err
	}
	stray, err := h.strayNotes(document.Version)
	return append(problems, stray...), err
}

// strayNotes are notes about versions that there are not: nobody would read them.
func (h History) strayNotes(current string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(h.Dir, "released", "notes", "*"))
	if err != nil {
		return nil, err
	}
	versions, err := h.Versions()
	if err != nil {
		return nil, err
	}
	var stray []string
	for _, path := range paths {
		name := filepath.Base(path)
		version, isYAML := strings.CutSuffix(name, ".yaml")
		if !isYAML || version != current && !slices.Contains(versions, version) {
			stray = append(stray, fmt.Sprintf("released/notes/%s is about no version: the document is %s", name, current))
		}
	}
	return stray, nil
}

// Release makes the document of the code the promise: it writes it and its section of
// the changelog to released/.
func (h History) Release() (version string, err error) {
	released, document, notes, err := h.now()
	if err != nil {
		return "", err
	}
	section, err := h.newSection(released, document, notes)
	if err != nil {
		return "", err
	}
	base := filepath.Join(h.Dir, "released", document.Version)
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(base+".yaml", document.Content, 0o644); err != nil {
		return "", err
	}
	return document.Version, os.WriteFile(base+".md", []byte(section), 0o644)
}

// newSection is what the changelog says about a document that may be released.
func (h History) newSection(released, document Document, notes Notes) (string, error) {
	if released.Version == "" {
		return FirstSection(document, notes)
	}
	if bytes.Equal(released.Content, document.Content) {
		return "", ErrNothingToRelease
	}
	problems, err := h.Check()
	if err != nil {
		return "", err
	}
	if len(problems) > 0 {
		return "", errors.New(strings.Join(problems, "\n"))
	}
	return Section(released, document, notes)
}

// Changelog is the changelog of the API: what is not released, then every release.
func (h History) Changelog() ([]byte, error) {
	released, document, notes, err := h.now()
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	out.WriteString("# Changelog of the API\n\nGenerated from the documents in `released/` and the notes beside them: run `go generate ./...`, do not edit.\n\n")
	out.WriteString("## Unreleased\n\n")
	switch {
	case released.Version == "":
		out.WriteString("Everything.\n\n")
	case bytes.Equal(released.Content, document.Content):
		out.WriteString("Nothing yet.\n\n")
	default:
		section, err := Section(released, document, notes)
		if err != nil {
			return nil, err
		}
		out.WriteString(section)
	}
	versions, err := h.Versions()
	if err != nil {
		return nil, err
	}
	for _, version := range versions {
		section, err := os.ReadFile(filepath.Join(h.Dir, "released", version+".md"))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "## %s\n\n%s", version, section)
	}
	return []byte(strings.TrimRight(out.String(), "\n") + "\n"), nil
}

// WriteChangelog brings CHANGELOG.md up to date.
func (h History) WriteChangelog() error {
	content, err := h.Changelog()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(h.Dir, "CHANGELOG.md"), content, 0o644)
}
