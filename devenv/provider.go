package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

type providerCommand struct{}

// Run implements kong's command. What a shell is to evaluate is all that it prints to
// stdout.
func (c *providerCommand) Run(ctx context.Context) error {
	begin := time.Now()
	root, err := project.Root()
	if err != nil {
		return err
	}
	installation, err := terraform.Setup(ctx, root)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s has the provider of this checkout, after %.1f s. To use it in this shell: eval \"$(go run ./devenv provider)\"\n",
		installation, time.Since(begin).Seconds())
	fmt.Println(installation.Export())
	return nil
}
