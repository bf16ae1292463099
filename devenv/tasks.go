package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

// taskCommand is what seed and reset have in common.
type taskCommand struct {
	DynamoDB string `name:"dynamodb" placeholder:"embedded|java|container|URL" help:"On which DynamoDB: that of the environment which runs, or the embedded one (the default), or another."`
	Table    string `placeholder:"FalafelReviews" help:"Which table: that of this git branch (the default), or another."`
}

func (c taskCommand) options() environment.TaskOptions {
	return environment.TaskOptions{DynamoDB: c.DynamoDB, Table: c.Table, Out: os.Stdout}
}

type seedCommand struct {
	taskCommand
	Profile string `default:"demo" placeholder:"demo|edge|load" help:"Which reviews: some to look at (the default), those that break programs, or many."`
	Size    int    `placeholder:"1000" help:"How many reviews, of the profile load."`
}

// Run implements kong's command.
func (c *seedCommand) Run(ctx context.Context) error {
	options := c.options()
	options.Profile = samples.Options{Profile: c.Profile, Size: c.Size, Progress: progress(os.Stdout)}
	return environment.Seed(ctx, options)
}

// progress prints each tenth of what takes long enough to be waited for.
func progress(out io.Writer) func(done, total int) {
	const long = 5000
	tenth := 0
	return func(done, total int) {
		if now := done * 10 / total; total >= long && now > tenth && now < 10 {
			tenth = now
			_, _ = fmt.Fprintf(out, "%d of %d reviews …\n", done, total)
		}
	}
}

type resetCommand struct{ taskCommand }

// Run implements kong's command.
func (c *resetCommand) Run(ctx context.Context) error { return environment.Reset(ctx, c.options()) }
