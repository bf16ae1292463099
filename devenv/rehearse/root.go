package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

// A root is a copy of one of the project's root modules, with the rehearsal's files beside.
type root struct {
	dir       string
	terraform *tfexec.Terraform
	variables map[string]any
}

// copyTerraform copies terraform/, which roots and modules are in: they refer to each
// other by relative paths.
func copyTerraform(project, to string) error {
	for _, folder := range []string{"modules", "environments"} {
		source := filepath.Join(project, "terraform", folder)
		if err := os.CopyFS(filepath.Join(to, "terraform", folder), os.DirFS(source)); err != nil {
			return fmt.Errorf("terraform/%s cannot be copied: %w", folder, err)
		}
	}
	return nil
}

// openRoot lays the files of overlay beside those of the environment, and initializes it.
func openRoot(ctx context.Context, work, environment, overlay string, installation *terraform.Installation, c *cloud) (*root, error) {
	environments := filepath.Join(work, "terraform", "environments")
	r := &root{dir: filepath.Join(environments, filepath.FromSlash(environment)), variables: map[string]any{}}
	files, err := filepath.Glob(filepath.Join(environments, filepath.FromSlash(overlay), "*.tf"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(r.dir, filepath.Base(file)), content, 0o644)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.terraform, err = installation.In(r.dir, c.environ()...); err != nil {
		return nil, err
	}
	return r, r.terraform.Init(ctx, tfexec.BackendConfig("bucket="+stateBucket), tfexec.BackendConfig("region="+region),
		tfexec.BackendConfig("use_path_style=true"))
}

// set gives the variables values, and leaves those as they are that are not named.
func (r *root) set(variables map[string]any) error {
	maps.Copy(r.variables, variables)
	content, err := json.Marshal(r.variables)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, "rehearsal.auto.tfvars.json"), content, 0o644)
}

// plan returns what would be changed, and keeps the plan for apply.
func (r *root) plan(ctx context.Context) (*tfjson.Plan, error) {
	if _, err := r.terraform.Plan(ctx, tfexec.Out("plan")); err != nil {
		return nil, err
	}
	return r.terraform.ShowPlanFile(ctx, "plan")
}

// apply does what was planned last.
func (r *root) apply(ctx context.Context) error {
	return r.terraform.Apply(ctx, tfexec.DirOrPlan("plan"))
}

// empty returns an error that says what a plan would change, if anything.
func (r *root) empty(ctx context.Context) error {
	plan, err := r.plan(ctx)
	if err != nil {
		return err
	}
	if list := changes(plan); len(list) > 0 {
		return fmt.Errorf("the second plan is not empty: %s", strings.Join(list, ", "))
	}
	return nil
}

// size is how many resources the state holds.
func (r *root) size(ctx context.Context) (int, error) {
	state, err := r.terraform.Show(ctx)
	if err != nil {
		return 0, err
	}
	if state.Values == nil {
		return 0, nil
	}
	return sizeOf(state.Values.RootModule), nil
}

func sizeOf(module *tfjson.StateModule) (count int) {
	for _, resource := range module.Resources {
		if resource.Mode == tfjson.ManagedResourceMode {
			count++
		}
	}
	for _, child := range module.ChildModules {
		count += sizeOf(child)
	}
	return count
}

// changes names what a plan changes: "update module.service.aws_ecs_service.api".
func changes(plan *tfjson.Plan) (list []string) {
	for _, change := range plan.ResourceChanges {
		if actions := change.Change.Actions; !actions.NoOp() && !actions.Read() {
			list = append(list, fmt.Sprintf("%s %s", actionOf(actions), change.Address))
		}
	}
	return list
}

func actionOf(actions tfjson.Actions) string {
	if actions.Replace() {
		return "replace"
	}
	return string(actions[0])
}

// onlyService returns an error when a release would change something besides what a
// release is.
func onlyService(plan *tfjson.Plan) error {
	var strays []string
	for _, change := range changes(plan) {
		_, address, _ := strings.Cut(change, " ")
		switch {
		case strings.HasPrefix(address, "falafel_image."), strings.HasPrefix(address, "falafel_release."):
		case strings.HasPrefix(address, "module.service.aws_ecs_task_definition."):
		default:
			strays = append(strays, change)
		}
	}
	if len(strays) > 0 {
		return fmt.Errorf("a release plans more than the release: %s", strings.Join(strays, ", "))
	}
	return nil
}

// showsImages returns an error when a person who reads the plan would not see the old and
// the new image in the task definition.
func showsImages(plan *tfjson.Plan, before, after string) error {
	for _, change := range plan.ResourceChanges {
		if change.Type != "aws_ecs_task_definition" || change.Change.Actions.NoOp() {
			continue
		}
		if !holds(change.Change.Before, before) || !holds(change.Change.After, after) {
			return fmt.Errorf("the plan of %s does not show %s and %s", change.Address, before, after)
		}
		return nil
	}
	return errors.New("the plan does not change the task definition")
}

// holds reports whether a planned value says text anywhere.
func holds(value any, text string) bool {
	content, err := json.Marshal(value)
	return err == nil && strings.Contains(string(content), text)
}
