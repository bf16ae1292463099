package main

import (
	"context"
	"os"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/rehearse"
)

type rehearseCommand struct {
	Tofu string `placeholder:"PATH" help:"Use this OpenTofu instead of the Terraform on PATH."`
	Keep bool   `help:"Leave the folder with the roots, their plans, and what was applied."`
}

// Run implements kong's command.
func (c *rehearseCommand) Run(ctx context.Context) error {
	root, err := project.Root()
	if err != nil {
		return err
	}
	return rehearse.Run(ctx, root, rehearse.Options{Program: c.Tofu, Keep: c.Keep, Out: os.Stdout})
}
