// Package project knows where the checkout is and where it keeps what is not committed.
package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// State is the folder, in the root of the checkout, for whatever may be deleted at any
// time: downloads, databases, locks. It is git-ignored.
const State = ".falafel"

// Root returns the absolute path of the folder that holds go.mod, searched upward from
// the working directory. It fails, with what to do about it, when there is none.
func Root() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("the working directory cannot be told (%w): change into the project", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("the project's folder cannot be searched for: %w", err)
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod in %s or above it: change into the project", here)
		}
	}
}

// StatePath returns the absolute path of elements below [State]. Nothing is created.
func StatePath(elements ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{root, State}, elements...)...), nil
}

// CopyAPI copies what the API is built from, as it is in the checkout, to a folder of its
// own, which it makes: for tests and measurements that edit it or build it elsewhere.
func CopyAPI(to string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(to, "api"), os.DirFS(filepath.Join(root, "api"))); err != nil {
		return err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
