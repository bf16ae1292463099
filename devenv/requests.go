package main

import (
	"context"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/console/text"
)

type requestsCommand struct {
	ID     uint64 `arg:"" optional:"" help:"Of a request in the list: all that is known of it, with its waterfall."`
	Follow bool   `short:"f" help:"Go on with what comes."`
	Status string `placeholder:"404|4xx" help:"With this status."`
	Method string `placeholder:"GET" help:"With this method."`
	Grep   string `placeholder:"TEXT" help:"With this text in the path, an id or the error."`
	Limit  int    `default:"50" help:"How many of those that are there."`
}

// Run implements kong's command.
func (c *requestsCommand) Run(ctx context.Context) error {
	client, err := runningConsole(ctx)
	if err != nil {
		return err
	}
	if c.ID != 0 {
		return text.Request(ctx, client, c.ID, os.Stdout)
	}
	return text.Requests(ctx, client, text.RequestOptions{
		Follow: c.Follow, Limit: c.Limit, Text: c.Grep, Status: c.Status, Method: c.Method,
	}, os.Stdout)
}
