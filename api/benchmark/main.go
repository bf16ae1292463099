// Command benchmark holds what the service is measured against: two servers that
// answer the same two requests with as little as possible between HTTP and DynamoDB,
// and a DynamoDB that answers at once.
//
//	bare      net/http, encoding/json and the AWS SDK, no more
//	floor     net/http and DynamoDB calls signed by hand: the least a Go server can do
//	silent    the service's own handler, without metrics, log and traces
//	fake      the DynamoDB for all of them
//	receiver  who takes the service's traces, and forgets them
//
// They are peers of a measurement. None checks what it is sent, so none may stand in
// for the service or for DynamoDB in a test of what these do.
//
// Read peer.go first; ./load measures, and docs/performance.md has what it found.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const usage = "usage: benchmark bare|floor|silent|fake|receiver ADDR METRICS_ADDR (the peers find DynamoDB by the same AWS variables as the service)"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New(usage)
	}
	handler, err := newHandler(ctx, args[0])
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	for addr, handler := range map[string]http.Handler{args[1]: handler, args[2]: promhttp.Handler()} {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		defer server.Close() //nolint:errcheck // nothing is left to do about it
		go func() { failed <- server.Serve(listener) }()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func newHandler(ctx context.Context, name string) (http.Handler, error) {
	switch name {
	case "bare":
		database, err := newBare(ctx, nil)
		return newPeer(database), err
	case "floor":
		database, err := newFloor(ctx, nil)
		return newPeer(database), err
	case "silent":
		return newSilent(ctx)
	case "fake":
		return newInstant()
	case "receiver":
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), nil // the sender may be gone
	default:
		return nil, errors.New(usage)
	}
}
