package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/console/page"
	"github.com/pretendfriend/falafel-api/devenv/console/text"
	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// runningConsole is that of the environment which runs.
func runningConsole(ctx context.Context) (text.Client, error) {
	state, err := project.StatePath()
	if err != nil {
		return text.Client{}, err
	}
	url := environment.ConsoleURL(ctx, state)
	if url == "" {
		return text.Client{}, errors.New("no environment of this project runs: start it with `go run ./devenv`")
	}
	return text.Client{URL: url}, nil
}

type consoleCommand struct {
	Open string `placeholder:"FILE" type:"existingfile" help:"Show a snapshot, and nothing else; no environment needs to run."`
	Addr string `default:"127.0.0.1:0" help:"Where a snapshot is shown, on this machine alone; port 0 is a free one."`
}

// Run implements kong's command.
func (c *consoleCommand) Run(ctx context.Context) error {
	if c.Open == "" {
		client, err := runningConsole(ctx)
		if err != nil {
			return err
		}
		fmt.Println(client.URL)
		return nil
	}
	file, err := os.Open(c.Open)
	if err != nil {
		return err
	}
	defer file.Close()
	snapshot, err := console.OpenSnapshot(file, filepath.Base(c.Open), page.Handler())
	if err != nil {
		return err
	}
	listener, err := environment.ListenConsole(ctx, "--addr", c.Addr)
	if err != nil {
		return err
	}
	return serveSnapshot(ctx, snapshot, listener)
}

func serveSnapshot(ctx context.Context, snapshot *console.Console, listener net.Listener) error {
	fmt.Printf("The snapshot is shown at http://%s\nCtrl-C ends that.\n", listener.Addr())
	return snapshot.Run(ctx, listener)
}
