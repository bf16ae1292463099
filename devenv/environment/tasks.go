package environment

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

// TaskOptions say on which database [Seed] and [Reset] work.
type TaskOptions struct {
	// DynamoDB is a kind or URL, see [dynamodb.ParseKind]. "" is the one of the
	// environment that runs, or the embedded one.
	DynamoDB string
	Table    string    // "" is that of the branch
	Out      io.Writer // for what a person reads

	Profile samples.Options // what [Seed] loads

	Root  string // folder of the project; "" is the one around the working directory, if any
	State string // folder for data; "" is .falafel in the project
}

// Seed loads the reviews of a profile into the table of the branch, and makes the table
// where it is missing. Those that are there stay as they are, so that it may be done again.
func Seed(ctx context.Context, options TaskOptions) error {
	if err := options.Profile.Check(); err != nil {
		return err // before a database is started for it
	}
	return task(ctx, options, func(ctx context.Context, d data, _ *runningEnvironment) error {
		_, err := d.seed(ctx, options.Profile)
		return err
	})
}

// Reset deletes the table of the branch, and makes it anew with the sample reviews. An
// environment that runs on it has its requests wait meanwhile.
func Reset(ctx context.Context, options TaskOptions) error {
	return task(ctx, options, func(ctx context.Context, d data, running *runningEnvironment) error {
		if running != nil {
			return running.pausing(ctx, d.reset)
		}
		return d.reset(ctx)
	})
}

// task does work on the database of the environment that runs, where that is what was
// asked for, and on a database of its own otherwise.
func task(ctx context.Context, options TaskOptions, work func(context.Context, data, *runningEnvironment) error) error {
	kind, err := choose(options.DynamoDB)
	if err != nil {
		return err
	}
	// A database that is there already can be worked on from anywhere.
	if options.Root == "" {
		if options.Root, err = project.Root(); err != nil && !kind.IsURL() {
			return err
		}
	}
	if options.State == "" {
		options.State = filepath.Join(options.Root, project.State)
	}
	running := findRunning(ctx, options.State)
	name := options.Table
	if running != nil && (options.DynamoDB == "" || kind == running.DynamoDB) && (name == "" || name == running.Table) {
		database := dynamodb.Server{Kind: running.DynamoDB, Endpoint: running.Endpoint}
		return work(ctx, data{database.Client(), database.Kind, running.Table, options.Out}, running)
	}
	database, err := dynamodb.Start(ctx, kind, dynamodb.Options{Dir: dataFolder(options.State, kind)})
	if err != nil {
		return err
	}
	if name == "" {
		name = tableOf(branch(ctx, options.Root))
	}
	return errors.Join(work(ctx, data{database.Client(), kind, name, options.Out}, nil), database.Close())
}
