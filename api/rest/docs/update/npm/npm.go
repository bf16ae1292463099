// Package npm makes files that are committed from npm packages that are locked, for pages
// that need neither npm nor the internet then.
package npm

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
)

// Assets are the files of a page that are made, and not written by hand. All paths are
// relative to the root of the repository, where the program has to run.
type Assets struct {
	Page   string // what a person calls it: "docs page"
	Locked string // folder of package.json and package-lock.json, and of the program
	Folder string // where the files are committed
	Made   string // pattern of the names of all that are made there: "*.gz"

	// Build makes the files, by name, from the packages in a folder node_modules.
	Build func(modules string) (map[string][]byte, error)
}

// Main is the program: it writes the files, or with --check fails where they differ.
func (a Assets) Main() {
	check := flag.Bool("check", false, "compare with what is committed, and write nothing")
	flag.Parse() //nolint:revive // Main stands for main
	if err := a.run(*check); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", a.Page, err)
		os.Exit(1) //nolint:revive // Main stands for main
	}
}

func (a Assets) run(check bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // npm stops with it
	defer stop()
	work, err := os.MkdirTemp("", "npm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	modules, err := a.install(ctx, work)
	if err != nil {
		return err
	}
	files, err := a.Build(modules)
	if err != nil {
		return err
	}
	if check {
		return a.compare(files)
	}
	return a.write(files)
}

// install returns the folder of the packages, whose digests npm has checked.
func (a Assets) install(ctx context.Context, work string) (string, error) {
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(a.Locked, name))
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

func (a Assets) compare(files map[string][]byte) error {
	var errs []error
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(a.Folder, name))
		if err == nil && !bytes.Equal(got, want) {
			err = fmt.Errorf("%s is not what the locked packages give: run go run ./%s", filepath.Join(a.Folder, name), a.Locked)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, a.unexpected(files, func(path string) error {
		return fmt.Errorf("%s does not come from the locked packages", path)
	}))...)
}

func (a Assets) write(files map[string][]byte) error {
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(a.Folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return a.unexpected(files, os.Remove)
}

// unexpected calls do for each file that looks made, and was not.
func (a Assets) unexpected(files map[string][]byte, do func(path string) error) error {
	found, err := filepath.Glob(filepath.Join(a.Folder, a.Made))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range found {
		if files[filepath.Base(path)] == nil {
			errs = append(errs, do(path))
		}
	}
	return errors.Join(errs...)
}
