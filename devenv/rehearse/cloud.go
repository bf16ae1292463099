package rehearse

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/gofrs/flock"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

const (
	// readyWithin bounds the start of the stand-in, which takes seconds.
	readyWithin = time.Minute
	askEvery    = 50 * time.Millisecond
)

// ownAddress is what the stand-in says first.
var ownAddress = regexp.MustCompile(`(?m)^http://\S+$`)

// What is said to the stand-in, which checks neither. The region is the one that the
// hosted environment is in.
const (
	region    = "eu-central-1"
	accessKey = "rehearsal"

	// What hosted/main.tf expects of an account: its domain, and the bucket of the state.
	zone        = "Z0123456789ABCDEFGHIJ=falafel.example"
	stateBucket = "falafel-rehearsal-state"
)

// Not the folder, which would leave out __main__.py.
//
//go:embed standin/*.py standin/requirements.txt
var standin embed.FS

// ErrMissing is wrapped by the errors about a machine that lacks a part of a rehearsal.
// Any other error is a real failure.
var ErrMissing = errors.New("a part of the rehearsal is missing")

func missing(format string, arguments ...any) error {
	return &missingError{fmt.Errorf(format, arguments...)}
}

type missingError struct{ error }

func (e *missingError) Unwrap() []error { return []error{ErrMissing, e.error} }

// A cloud is a stand-in for AWS: an account with nothing in it.
type cloud struct {
	endpoint string
	process  *process.Process
}

// startCloud starts the stand-in. Clients of its ECR are sent to registry.
func startCloud(ctx context.Context, state, registry string) (*cloud, error) {
	python, err := installPython(ctx, state)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(state, "standin")
	if err := os.RemoveAll(folder); err != nil {
		return nil, err
	}
	if err := os.CopyFS(state, standin); err != nil {
		return nil, fmt.Errorf("there is no place for the stand-in for AWS: %w", err)
	}
	command := exec.Command(python, "-u", folder) //nolint:noctx // it is stopped in order, see close
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1",
		"ECR_PROXY_ENDPOINT="+registry, "AWS_REGION="+region, "STATE_BUCKET="+stateBucket, "ZONE="+zone)
	cloud := &cloud{}
	if cloud.process, err = process.Start(command, nil); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	said, err := cloud.process.AwaitLog(ctx, askEvery, ownAddress)
	if err != nil {
		cloud.close()
		return nil, fmt.Errorf("the stand-in for AWS does not start: %w", err)
	}
	cloud.endpoint = said[0]
	return cloud, nil
}

func (c *cloud) close() { c.process.Stop(5 * time.Second) }

// environ redirects the AWS SDKs of a program here, and Terraform's with them.
func (c *cloud) environ() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + c.endpoint, "AWS_REGION=" + region,
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + accessKey, "AWS_SESSION_TOKEN=",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_PROFILE=",
	}
}

// config is for clients in this process.
func (c *cloud) config() aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: &c.endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, accessKey, ""),
	}
}

// reportDeployment tells the stand-in what became of a deployment, see standin/ecs.py.
func (c *cloud) reportDeployment(ctx context.Context, d deployment, failure error) error {
	report := map[string]any{"cluster": d.cluster, "service": d.service, "deployment": d.id, "succeeded": failure == nil, "reason": ""}
	if failure != nil {
		report["reason"] = failure.Error()
	}
	body, err := json.Marshal(report)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint+"/rehearsal/deployment", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// Not found: the service is gone, and with it what could be reported.
	if response.StatusCode != http.StatusNoContent && response.StatusCode != http.StatusNotFound {
		return fmt.Errorf("the stand-in does not take a report: %s", response.Status)
	}
	return nil
}

// installPython returns a Python that has the stand-in's requirements, in a virtual
// environment of ours. It is made once for each version of the requirements.
func installPython(ctx context.Context, state string) (string, error) {
	requirements, err := standin.ReadFile("standin/requirements.txt")
	if err != nil {
		return "", err
	}
	system, err := exec.LookPath("python3")
	if err != nil {
		return "", missing("python3 is not on PATH, and the stand-in for AWS needs it: install Python 3.10 or newer (Debian: apt-get install python3-venv)")
	}
	sum := sha256.Sum256(requirements)
	folder := filepath.Join(state, "python-"+hex.EncodeToString(sum[:6]))
	python := filepath.Join(folder, "bin", "python")
	complete := filepath.Join(folder, "complete")
	if err := os.MkdirAll(state, 0o755); err != nil {
		return "", fmt.Errorf("there is no place for the stand-in for AWS: %w", err)
	}
	lock := flock.New(folder + ".lock")
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", fmt.Errorf("another process is installing the stand-in for AWS and has not finished: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the kernel drops it at the latest
	if _, err := os.Stat(complete); err == nil {
		return python, nil
	}
	list := filepath.Join(state, "requirements.txt")
	if err := errors.Join(os.RemoveAll(folder), os.WriteFile(list, requirements, 0o644)); err != nil {
		return "", err
	}
	if output, err := exec.CommandContext(ctx, system, "-m", "venv", folder).CombinedOutput(); err != nil {
		return "", missing("python3 cannot make a virtual environment (%w): install its module venv (Debian: apt-get install python3-venv); it says:\n%s", err, bytes.TrimSpace(output))
	}
	pip := exec.CommandContext(ctx, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement", list)
	if output, err := pip.CombinedOutput(); err != nil {
		return "", missing("pip cannot install the stand-in for AWS (%w): see to the network and pip's settings; it says:\n%s", err, bytes.TrimSpace(output))
	}
	return python, os.WriteFile(complete, nil, 0o644)
}
