// Command ryuk stands in for testcontainers' reaper on machines that reach no container
// registry. It keeps the contract with the standard library alone: a client connects to
// port 8080 and sends lines such as "label=k=v&label=k=v", each answered ACK; when the
// last client has been gone for RYUK_RECONNECTION_TIMEOUT, everything in Docker that
// carries all the labels of a line is removed.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

const (
	// attempts at removing what Docker still holds on to, a second apart.
	attempts = 10
	socket   = "/var/run/docker.sock"
)

func main() {
	if err := run(context.Background()); err != nil {
		slog.Error("the reaper failed", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", ":8080")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	clients := newClients()
	go clients.accept(listener)
	slog.InfoContext(ctx, "Started") // testcontainers waits for this very word

	<-clients.gone.C
	docker := newDocker()
	for range attempts {
		if err = docker.reapAll(ctx, clients.filters()); err == nil {
			return nil
		}
		slog.WarnContext(ctx, "trying again", "error", err)
		time.Sleep(time.Second)
	}
	return err
}

// clients are the test processes that are connected, and the labels they sent.
type clients struct {
	gone     *time.Timer   // fires when none has been here for long enough
	patience time.Duration // how long a client may be away before it is taken for gone

	mu        sync.Mutex
	connected int
	labels    map[string][]string // by line, so that a repeated one counts once
}

func newClients() *clients {
	return &clients{
		gone:     time.NewTimer(duration("RYUK_CONNECTION_TIMEOUT", time.Minute)),
		patience: duration("RYUK_RECONNECTION_TIMEOUT", 10*time.Second),
		labels:   map[string][]string{},
	}
}

func (c *clients) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.connected++
		c.gone.Stop()
		c.mu.Unlock()
		go c.serve(conn)
	}
}

func (c *clients) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.connected--; c.connected == 0 {
			c.gone.Reset(c.patience)
		}
	}()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		query, err := url.ParseQuery(lines.Text())
		if err != nil || len(query["label"]) == 0 {
			continue
		}
		c.mu.Lock()
		c.labels[lines.Text()] = query["label"]
		c.mu.Unlock()
		fmt.Fprintln(conn, "ACK")
	}
}

func (c *clients) filters() [][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([][]string, 0, len(c.labels))
	for _, labels := range c.labels {
		all = append(all, labels)
	}
	return all
}

// docker speaks to the engine through the socket that testcontainers mounts.
type docker struct{ http.Client }

func newDocker() *docker {
	return &docker{http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}},
	}}
}

func (d *docker) reapAll(ctx context.Context, filters [][]string) error {
	var errs []error
	for _, labels := range filters {
		errs = append(errs, d.reap(ctx, labels))
	}
	return errors.Join(errs...)
}

// thing is whatever Docker lists: containers and images have an Id, networks too, and
// volumes a Name. (Field names match without regard to case.)
type thing struct{ ID, Name string }

// reap removes what carries all of the labels: containers first, they hold the rest.
func (d *docker) reap(ctx context.Context, labels []string) error {
	filter, err := json.Marshal(map[string][]string{"label": labels})
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	listing := url.Values{"filters": {string(filter)}, "all": {"true"}}
	force := url.Values{"force": {"true"}, "v": {"true"}}

	var containers, networks, images []thing
	var volumes struct{ Volumes []thing }
	errs := []error{d.call(ctx, http.MethodGet, "/containers/json", listing, &containers)}
	for _, t := range containers {
		errs = append(errs, d.call(ctx, http.MethodDelete, "/containers/"+t.ID, force, nil))
	}
	errs = append(errs, d.call(ctx, http.MethodGet, "/networks", listing, &networks))
	for _, t := range networks {
		errs = append(errs, d.call(ctx, http.MethodDelete, "/networks/"+t.ID, nil, nil))
	}
	errs = append(errs, d.call(ctx, http.MethodGet, "/volumes", listing, &volumes))
	for _, t := range volumes.Volumes {
		errs = append(errs, d.call(ctx, http.MethodDelete, "/volumes/"+t.Name, force, nil))
	}
	errs = append(errs, d.call(ctx, http.MethodGet, "/images/json", listing, &images))
	for _, t := range images {
		errs = append(errs, d.call(ctx, http.MethodDelete, "/images/"+t.ID, force, nil))
	}
	return errors.Join(errs...)
}

// call asks the engine; what is gone already (404) is as good as removed.
func (d *docker) call(ctx context.Context, method, path string, query url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://docker"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	res, err := d.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && res.StatusCode != http.StatusNotFound {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	if into == nil {
		slog.InfoContext(ctx, "removed", "path", path)
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

func duration(name string, otherwise time.Duration) time.Duration {
	d, _ := time.ParseDuration(os.Getenv(name)) // unset or wrong: zero
	return cmp.Or(d, otherwise)
}
