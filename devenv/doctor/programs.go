package doctor

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// What a version has to be at least. Go's is that of go.mod; Java's is what DynamoDB Local
// wants (see devenv/dynamodb), the others are the oldest that this project is run with.
const (
	oldestGo         = "v1.26"
	oldestJava       = "v17"
	oldestMaven      = "v3.6"
	oldestDocker     = "v20.10"
	oldestCompose    = "v2.24"
	oldestTilt       = "v0.33"
	oldestPrometheus = "v2.42"
	oldestTerraform  = "v1.11"
	oldestPython     = "v3.10"
)

// programs are those that are started by name.
func programs() []check {
	return []check{
		{
			"Go", "everything", map[string]string{
				"darwin": "brew install go", "": "install Go 1.26 or newer, https://go.dev/doc/install",
			}, version(oldestGo, `go version go`, "go", "version"),
		},
		{
			"git", "a table for each branch", map[string]string{
				"darwin": "xcode-select --install", "": "sudo apt install git, or your system's way",
			}, version("", `git version `, "git", "--version"),
		},
		{
			"Docker", "--dynamodb=container, compose, tests", map[string]string{
				"darwin": "brew install --cask docker, and start it", "": "install and start Docker, https://docs.docker.com/engine/install/",
			}, version(oldestDocker, `^`, "docker", "version", "--format", "{{.Server.Version}}"),
		},
		{
			"Compose", "docker compose up, Tilt", map[string]string{
				"": "install Docker's Compose plugin, https://docs.docker.com/compose/install/",
			}, version(oldestCompose, `^v?`, "docker", "compose", "version", "--short"),
		},
		{
			"Java", "--dynamodb=java, tests", map[string]string{
				"darwin": "brew install openjdk", "": "sudo apt install default-jre-headless, or Java 17 your system's way",
			}, version(oldestJava, `version "`, "java", "-version"),
		},
		{
			"Maven", "--dynamodb=java, tests", map[string]string{
				"darwin": "brew install maven", "": "sudo apt install maven, or your system's way",
			}, version(oldestMaven, `Apache Maven `, "mvn", "--version"),
		},
		{
			"Tilt", "tilt up", map[string]string{
				"darwin": "brew install tilt", "": "install Tilt, https://docs.tilt.dev/install.html",
			}, version(oldestTilt, `^v`, "tilt", "version"),
		},
		{
			"Prometheus", "up --monitoring, tests", map[string]string{
				"darwin": "brew install prometheus", "": "sudo apt install prometheus, or https://prometheus.io/download/",
			}, version(oldestPrometheus, `^prometheus, version `, "prometheus", "--version"),
		},
		{
			"Terraform", "rehearse, deployment to AWS", map[string]string{
				"darwin": "brew install hashicorp/tap/terraform", "": "install Terraform, https://developer.hashicorp.com/terraform/install",
			}, version(oldestTerraform, `^Terraform v`, "terraform", "version"),
		},
		{
			"Python", "rehearse", map[string]string{
				"darwin": "brew install python", "": "sudo apt install python3-venv, or Python 3.10 your system's way",
			}, version(oldestPython, `^Python `, "python3", "--version"),
		},
	}
}

// ended is how long what a program started may hold its output open.
const ended = 100 * time.Millisecond

// version looks for a program, and at the version that it prints behind a regular
// expression: other numbers may come first, as the proxy does that JAVA_TOOL_OPTIONS has
// Java and Maven print. An oldest of "" is any.
func version(oldest, behind, program string, arguments ...string) func(context.Context) (Status, string) {
	printed := regexp.MustCompile(`(?m)` + behind + `(\d+(?:\.\d+){0,2})`)
	return func(ctx context.Context) (Status, string) {
		command := exec.CommandContext(ctx, program, arguments...)
		command.WaitDelay = ended
		output, err := command.CombinedOutput()
		line, _, _ := strings.Cut(strings.TrimSpace(string(output)), "\n")
		switch {
		case errors.Is(err, exec.ErrNotFound):
			return Missing, "not on PATH"
		case ctx.Err() != nil:
			return Problem, program + " does not end"
		case err != nil && line == "":
			return Problem, err.Error()
		case err != nil:
			return Problem, line
		}
		found := printed.FindSubmatch(output)
		if found == nil {
			return Problem, "no version in " + line
		}
		number := string(found[1])
		if oldest != "" && semver.Compare("v"+number, oldest) < 0 {
			return Old, fmt.Sprintf("%s, needs %s", number, strings.TrimPrefix(oldest, "v"))
		}
		return OK, number
	}
}
