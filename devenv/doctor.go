package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/doctor"
	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

type doctorCommand struct{}

// Run implements kong's command.
func (c *doctorCommand) Run(ctx context.Context) error {
	root, err := project.Root()
	if err != nil {
		return err
	}
	state := filepath.Join(root, project.State)
	findings := doctor.Examine(ctx, state)
	if environment.Running(ctx, state) {
		for i, f := range findings {
			if f.Required() && f.Detail == doctor.Taken {
				findings[i].Status, findings[i].Detail, findings[i].Mend = doctor.OK, "the environment runs", ""
			}
		}
	}
	if err := doctor.Report(os.Stdout, findings); err != nil {
		return err
	}
	var wrong []string
	for _, f := range findings {
		if f.Required() && f.Status != doctor.OK {
			wrong = append(wrong, f.Name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("`go run ./devenv` will not work as it is: see %s above", strings.Join(wrong, ", "))
	}
	return nil
}
