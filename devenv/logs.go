package main

import (
	"context"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/console/text"
)

type logsCommand struct {
	Follow  bool   `short:"f" help:"Go on with what comes."`
	Level   string `enum:"debug,info,warn,error," default:"" help:"At least this important: debug, info, warn or error. Lines without a level are left out then."`
	Request string `placeholder:"ID" help:"Of one request: its number, or its X-Request-Id."`
	Grep    string `placeholder:"TEXT" help:"With this text in them, in upper or lower case."`
	Limit   int    `default:"200" help:"How many of those that are there."`
}

// Run implements kong's command.
func (c *logsCommand) Run(ctx context.Context) error {
	client, err := runningConsole(ctx)
	if err != nil {
		return err
	}
	return text.Logs(ctx, client, text.LogOptions{
		Follow: c.Follow, Limit: c.Limit, Level: c.Level, Request: c.Request, Text: c.Grep,
	}, os.Stdout)
}
