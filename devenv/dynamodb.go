package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

type dynamodbCommand struct {
	Addr    string `default:"127.0.0.1:8000" help:"Where it listens. Port 0 is a free one."`
	Dir     string `placeholder:".falafel/db" xor:"data" help:"The folder for the data."`
	Memory  bool   `xor:"data" help:"Keep the data in memory instead: it is gone when this ends."`
	Durable bool   `help:"Answer a write only when the disk has it for good, which is slower. Without it a loss of power may cost the whole folder; the end of this program, however it comes, costs nothing."`
}

// Run implements kong's command.
func (c *dynamodbCommand) Run(ctx context.Context) error {
	// Not a default of the flag: kong would take it for a contradiction of --memory.
	if c.Dir == "" && !c.Memory {
		c.Dir = filepath.Join(project.State, "db")
	}
	return environment.ServeDynamoDB(ctx, environment.DynamoDBOptions{
		Addr:    c.Addr,
		Dir:     c.Dir,
		Durable: c.Durable,
		Out:     os.Stdout,
	})
}
