package environment

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/monitoring"
)

// prometheusAddr is where people look for it. Where that is taken, as Debian's package
// takes it for a Prometheus of its own, another port is.
const prometheusAddr = "127.0.0.1:9090"

// runMonitoring has Prometheus watch the API until ctx ends. The API goes on without it
// when it ends by itself.
func (e *environment) runMonitoring(ctx context.Context, metrics net.Addr) error {
	if !e.options.Monitoring {
		close(e.watched)
		return nil
	}
	p, err := monitoring.Start(ctx, monitoring.Options{
		Dir: filepath.Join(e.options.State, "prometheus"), Addr: prometheusAddr, Target: local(metrics), Log: labelled{e.options.Out},
	})
	if err != nil {
		close(e.watched)
		return err
	}
	defer p.Close()
	e.prometheus = p
	close(e.watched)
	e.prometheusIs(console.Healthy, p.URL, "")
	select {
	case <-ctx.Done():
	case <-p.Done():
		e.prometheusIs(console.Failed, "", "It ended by itself ("+p.State()+").")
		e.say("Prometheus ended by itself (%s). The API goes on; start the environment anew to have it watched.", p.State())
	}
	return nil
}

// greetMonitoring is a line of the greeting, or nothing.
func (e *environment) greetMonitoring() string {
	<-e.watched
	if e.prometheus == nil {
		return ""
	}
	return fmt.Sprintf("  Alerts    %s\n", e.prometheus.Alerts)
}

// local is how a program on this machine reaches what listens on the address.
func local(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// labelled marks the lines of a program's log, beside those of the API.
type labelled struct{ next io.Writer }

func (l labelled) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if _, err := io.WriteString(l.next, "prometheus: "+line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
