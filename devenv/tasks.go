package main

import (
	"context"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/environment"
)

// taskCommand is what seed and reset have in common.
type taskCommand struct {
	DynamoDB string `name:"dynamodb" placeholder:"embedded|java|container|URL" help:"On which DynamoDB: that of the environment which runs, or the embedded one (the default), or another."`
	Table    string `placeholder:"FalafelReviews" help:"Which table: that of this git branch (the default), or another."`
}

func (c taskCommand) options() environment.TaskOptions {
	return environment.TaskOptions{DynamoDB: c.DynamoDB, Table: c.Table, Out: os.Stdout}
}

type seedCommand struct{ taskCommand }

// Run implements kong's command.
func (c *seedCommand) Run(ctx context.Context) error { return environment.Seed(ctx, c.options()) }

type resetCommand struct{ taskCommand }

// Run implements kong's command.
func (c *resetCommand) Run(ctx context.Context) error { return environment.Reset(ctx, c.options()) }
