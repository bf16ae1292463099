package main

import (
	"context"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/console/text"
)

type statusCommand struct{}

// Run implements kong's command.
func (c *statusCommand) Run(ctx context.Context) error {
	client, err := runningConsole(ctx)
	if err != nil {
		return err
	}
	return text.Status(ctx, client, os.Stdout)
}
