// Package terraform sets Terraform, or OpenTofu, up to work with this project's own
// provider, which no registry has: it builds the provider into a mirror on this machine,
// and writes the CLI configuration that points there. Nothing of the user's own
// configuration is changed.
//
// It does not know what is applied; package rehearse and the tests do.
package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/hashicorp/terraform-exec/tfexec"
	"golang.org/x/mod/semver"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// oldest has S3 state with native locking, and write-only attributes.
const oldest = "1.11"

// MirrorVariable names a folder that other providers are taken from, in the layout of
// https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror:
// for machines that cannot reach a provider registry.
const MirrorVariable = "FALAFEL_TERRAFORM_MIRROR"

// ErrMissing is wrapped by the errors of [Setup] about a machine without a Terraform that
// can be used. Any other error is a real failure.
var ErrMissing = errors.New("no Terraform that can be used")

// An Installation is a Terraform that knows our provider.
type Installation struct {
	Program string // the path of terraform or tofu
	Version string // "1.11.4"
	Tofu    bool   // whether it is OpenTofu
	Config  string // the path of the CLI configuration

	mirror string // the folder that our provider is in
}

// Setup takes the terraform on PATH, or else the tofu. It may be called by several
// processes at once. root is the checkout, in whose [project.State] everything goes. The
// error is one sentence for a person.
func Setup(ctx context.Context, root string) (*Installation, error) {
	for _, name := range []string{"terraform", "tofu"} {
		if program, err := exec.LookPath(name); err == nil {
			return SetupProgram(ctx, root, program)
		}
	}
	return nil, missing("neither terraform nor tofu is on PATH: install Terraform %s or newer (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install)", oldest)
}

// SetupProgram is [Setup] with a program of the caller's choice.
func SetupProgram(ctx context.Context, root, program string) (*Installation, error) {
	installation, err := examine(ctx, program)
	if err != nil {
		return nil, err
	}
	state := filepath.Join(root, project.State, "terraform")
	if err := os.MkdirAll(state, 0o755); err != nil {
		return nil, fmt.Errorf("there is no place for the provider: %w", err)
	}
	lock := flock.New(filepath.Join(state, ".lock"))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("another process is building the provider and has not finished: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the kernel drops it at the latest

	mirror := filepath.Join(state, "providers")
	installation.mirror = mirror
	if err := buildProvider(ctx, root, state, filepath.Join(mirror, installation.registry())); err != nil {
		return nil, err
	}
	content, err := installation.cliConfig(mirror, os.Getenv(MirrorVariable))
	if err != nil {
		return nil, err
	}
	installation.Config = filepath.Join(state, installation.name()+".rc")
	if err := write(installation.Config, content, 0o644); err != nil {
		return nil, fmt.Errorf("the CLI configuration cannot be written: %w", err)
	}
	return installation, nil
}

// Isolate returns the installation with the provider in dir: what is built meanwhile, by
// whomever, does not take it from under a Terraform that works for minutes.
func (i *Installation) Isolate(dir string) (*Installation, error) {
	isolated := *i
	isolated.mirror, isolated.Config = filepath.Join(dir, "providers"), filepath.Join(dir, i.name()+".rc")
	err := os.CopyFS(isolated.mirror, os.DirFS(i.mirror))
	if err == nil {
		var content []byte
		if content, err = isolated.cliConfig(isolated.mirror, os.Getenv(MirrorVariable)); err == nil {
			err = write(isolated.Config, content, 0o644)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the provider cannot be copied: %w", err)
	}
	return &isolated, nil
}

// Environ is what has to be added to the environment of a Terraform that is started by
// other means than [Installation.In].
func (i *Installation) Environ() []string { return []string{"TF_CLI_CONFIG_FILE=" + i.Config} }

// Export is a line for a shell that has every Terraform in it use this installation.
func (i *Installation) Export() string {
	return "export TF_CLI_CONFIG_FILE='" + strings.ReplaceAll(i.Config, "'", `'\''`) + "'"
}

// In returns a Terraform that works in the folder dir, with environ ("NAME=value") added
// to this process's environment.
func (i *Installation) In(dir string, environ ...string) (*tfexec.Terraform, error) {
	terraform, err := tfexec.NewTerraform(dir, i.Program)
	if err != nil {
		return nil, err
	}
	variables := map[string]string{}
	for _, line := range slices.Concat(os.Environ(), i.Environ(), environ) {
		name, value, _ := strings.Cut(line, "=")
		variables[name] = value
	}
	// What terraform-exec sets by itself, it refuses to be given.
	if err := terraform.SetEnv(tfexec.CleanEnv(variables)); err != nil {
		return nil, err
	}
	return terraform, nil
}

// examine asks a program what it is.
func examine(ctx context.Context, program string) (*Installation, error) {
	command := exec.CommandContext(ctx, program, "version", "-json")
	// The user's CLI configuration has nothing to say here, and may be broken.
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	command.Dir = os.TempDir() // where no configuration is that it could complain about
	output, err := command.Output()
	var said struct {
		Version string `json:"terraform_version"` // OpenTofu's has the same name
	}
	if err == nil {
		err = json.Unmarshal(output, &said)
	}
	if err == nil && !semver.IsValid("v"+said.Version) {
		err = errors.New("it tells no version")
	}
	if err != nil {
		return nil, missing("%s cannot be used (%v): install Terraform %s or newer, https://developer.hashicorp.com/terraform/install", program, err, oldest)
	}
	if semver.Compare("v"+said.Version, "v"+oldest) < 0 {
		return nil, missing("%s has the version %s, and %s is the oldest that will do: install a newer one, https://developer.hashicorp.com/terraform/install", program, said.Version, oldest)
	}
	about, err := exec.CommandContext(ctx, program, "-help").Output()
	if err != nil {
		return nil, missing("%s cannot be used (%v)", program, err)
	}
	return &Installation{Program: program, Version: said.Version, Tofu: strings.Contains(string(about), "tofu [global")}, nil
}

// String names it as its users do.
func (i *Installation) String() string {
	if i.Tofu {
		return "OpenTofu " + i.Version
	}
	return "Terraform " + i.Version
}

func (i *Installation) name() string {
	if i.Tofu {
		return "tofu"
	}
	return "terraform"
}

// registry is the host that a provider address without one belongs to.
func (i *Installation) registry() string {
	if i.Tofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

func missing(format string, arguments ...any) error {
	return &missingError{fmt.Sprintf(format, arguments...)}
}

type missingError struct{ text string }

func (e *missingError) Error() string { return e.text }
func (e *missingError) Unwrap() error { return ErrMissing }
