package monitoring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

const (
	// readyWithin is for a Prometheus that reads what it wrote before.
	readyWithin = 30 * time.Second

	// stopWithin is for what it has in memory to be written.
	stopWithin = 10 * time.Second

	askEvery = 20 * time.Millisecond

	// starts are attempted, as another program may take the port that was found free.
	starts = 5
)

// Options say what is watched.
type Options struct {
	Dir    string        // for configuration and data; it is made
	Addr   string        // where Prometheus should listen, host:port; it takes a free port where that is taken
	Target string        // where the API has its metrics, host:port
	Every  time.Duration // between two scrapes, and between two evaluations of a rule; 0 is as configured
	Log    io.Writer     // for what it finds wrong; may be nil
}

// A Prometheus is one that runs.
type Prometheus struct {
	*process.Process

	URL    string // of its API
	Alerts string // of its page with the alerts, which leads to all others
}

// ErrMissing says that Prometheus is not on this machine, with the mend.
var ErrMissing = errors.New("there is no prometheus on PATH: install it (sudo apt-get install prometheus, or brew install prometheus), " +
	"or run `COMPOSE_PROFILES=monitoring docker compose up --wait`, which needs Docker alone")

// Installed returns [ErrMissing] where Prometheus is not installed.
func Installed() error {
	if _, err := exec.LookPath("prometheus"); err != nil {
		return ErrMissing
	}
	return nil
}

// Start runs Prometheus, and returns when it answers queries. Its errors are one sentence.
func Start(ctx context.Context, options Options) (*Prometheus, error) {
	if err := Installed(); err != nil {
		return nil, err
	}
	if err := configure(options); err != nil {
		return nil, fmt.Errorf("prometheus cannot be configured: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for attempt := 1; ; attempt++ {
		started, err := startOnce(ctx, options)
		if err == nil || ctx.Err() != nil || attempt == starts || started == nil || !started.Log().Has("address already in use") {
			return started, err
		}
	}
}

func startOnce(ctx context.Context, options Options) (*Prometheus, error) {
	addr, err := freeAddr(ctx, options.Addr)
	if err != nil {
		return nil, err
	}
	command := exec.Command("prometheus", //nolint:noctx // it is stopped gracefully, not by a context
		"--config.file="+filepath.Join(options.Dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(options.Dir, "data"),
		"--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.size=1GB",
		"--enable-feature=exemplar-storage", "--web.listen-address="+addr, "--log.level=error")
	// Its console templates are elsewhere on each system, and nobody needs them.
	command.Dir = options.Dir
	p := &Prometheus{URL: "http://" + addr}
	if p.Process, err = process.Start(command, options.Log); err != nil {
		return nil, err
	}
	ready := func(ctx context.Context) error { return answers(ctx, p.URL+"/-/ready") }
	if err := p.Await(ctx, askEvery, ready); err != nil {
		p.Close()
		return p, fmt.Errorf("prometheus does not start: %w", err)
	}
	// Debian's has the pages of version 1.
	p.Alerts = p.URL + "/alerts"
	if answers(ctx, p.Alerts) != nil {
		p.Alerts = p.URL + "/classic/alerts"
	}
	return p, nil
}

// Close returns when it has ended, with its data written.
func (p *Prometheus) Close() { p.Stop(stopWithin) }

func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("prometheus is not ready: %s", response.Status)
	}
	return nil
}

// composeTarget is the target in the file, which is that of compose.yaml.
const composeTarget = "api:5050"

var intervals = regexp.MustCompile(`(scrape|evaluation)_interval: \w+`)

// configure writes the configuration and the rules, as they are but for the options.
func configure(options Options) error {
	// Rules of an earlier version would stay in force.
	if err := os.RemoveAll(filepath.Join(options.Dir, "rules")); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(options.Dir, "rules"), 0o755); err != nil {
		return err
	}
	rules, err := fs.Glob(files, "prometheus/rules/*.yml")
	if err != nil {
		return err
	}
	for _, name := range append(rules, "prometheus/prometheus.yml") {
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		content = bytes.ReplaceAll(content, []byte(composeTarget), []byte(options.Target))
		if options.Every > 0 {
			content = intervals.ReplaceAll(content, []byte("${1}_interval: "+options.Every.String()))
		}
		inside, err := filepath.Rel("prometheus", filepath.FromSlash(name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(options.Dir, inside), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// freeAddr is the address, or one with another port where somebody listens on that.
func freeAddr(ctx context.Context, addr string) (string, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	for _, candidate := range []string{addr, net.JoinHostPort(host, "0")} {
		var listener net.Listener
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", candidate); err == nil {
			return listener.Addr().String(), listener.Close()
		}
	}
	return "", fmt.Errorf("prometheus finds no port: %w", err)
}
