// Command devenv is the local environment of the Falafel API. `go run ./devenv` starts
// a DynamoDB with sample reviews and the API on it; `go run ./devenv --help` lists what
// else it does.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what devenv does. Each is thin over a package that tests use as well.
type commands struct {
	Up       upCommand       `cmd:"" default:"withargs" help:"Start a DynamoDB with sample reviews, and the API on it (the default)."`
	Status   statusCommand   `cmd:"" help:"Say what runs, and how it does."`
	Requests requestsCommand `cmd:"" help:"List the requests that passed, or show one with the calls to DynamoDB that it made."`
	Logs     logsCommand     `cmd:"" help:"Show the log of the environment that runs."`
	Console  consoleCommand  `cmd:"" help:"Print where the console is, or show a snapshot of one."`
	DynamoDB dynamodbCommand `cmd:"" name:"dynamodb" help:"Serve a DynamoDB alone, for programs in any language."`
	Image    imageCommand    `cmd:"" help:"Assemble the API's container image, and load it into Docker where there is one."`
	Provider providerCommand `cmd:"" help:"Build this project's Terraform provider, and print the line that has Terraform use it: eval \"$(go run ./devenv provider)\"."`
	Rehearse rehearseCommand `cmd:"" help:"Apply the hosted environment to a stand-in for AWS on this machine, release good and bad versions, and take it away again."`
	Seed     seedCommand     `cmd:"" help:"Load sample reviews into the table of this git branch: --profile says which."`
	Reset    resetCommand    `cmd:"" help:"Delete the table of this git branch, and make it anew with the sample reviews."`
	Doctor   doctorCommand   `cmd:"" help:"Say what this machine has, what it is needed for, and how to get what is missing."`
	Test     testCommand     `cmd:"" help:"Run the tests, and say on which DynamoDBs they ran." passthrough:""`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// What was interrupted stops in order; whoever insists need not wait for that.
	context.AfterFunc(ctx, stop)
	parsed := kong.Parse(&commands{},
		kong.Name("go run ./devenv"),
		kong.Description("The local environment of the Falafel API."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	err := parsed.Run()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "devenv:", err)
		os.Exit(1)
	}
}
