package main

import (
	"context"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/environment"
)

type upCommand struct {
	DynamoDB    string `name:"dynamodb" placeholder:"embedded|java|container|URL" help:"Which DynamoDB: the one that is a part of this program (the default), DynamoDB Local on this machine's Java or in a container, or one that is already there."`
	Addr        string `default:"127.0.0.1:3000" env:"FALAFEL_ADDR" help:"Where the API listens (${default})."`
	MetricsAddr string `default:"127.0.0.1:5050" env:"FALAFEL_METRICS_ADDR" help:"Where metrics and health are served (${default})."`
	ConsoleAddr string `default:"127.0.0.1:3001" env:"FALAFEL_CONSOLE_ADDR" help:"Where the console is, on this machine alone (${default})."`
	Fresh       bool   `xor:"begin" help:"Begin with an empty table: the data of this git branch is deleted, and no sample reviews are loaded."`
	Reset       bool   `xor:"begin" help:"Begin as on the first day: the data of this git branch is deleted, and the sample reviews are loaded."`
	Samples     bool   `default:"true" negatable:"" help:"Load the sample reviews into a new table."`
	Monitoring  bool   `help:"Have this machine's Prometheus watch the API, with the project's rules and alerts."`
}

// Run implements kong's command.
func (c *upCommand) Run(ctx context.Context) error {
	return environment.Up(ctx, environment.Options{
		DynamoDB:    c.DynamoDB,
		Addr:        c.Addr,
		MetricsAddr: c.MetricsAddr,
		ConsoleAddr: c.ConsoleAddr,
		Samples:     c.Samples,
		Fresh:       c.Fresh,
		Reset:       c.Reset,
		Monitoring:  c.Monitoring,
		Out:         os.Stdout,
	})
}
