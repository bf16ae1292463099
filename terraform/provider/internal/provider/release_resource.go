package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/release"
)

type releaseResource struct{}

var (
	_ resource.ResourceWithModifyPlan       = releaseResource{}
	_ resource.ResourceWithConfigValidators = releaseResource{}
)

// NewReleaseResource is falafel_release.
func NewReleaseResource() resource.Resource { return releaseResource{} }

func (releaseResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_release"
}

type releaseModel struct {
	URL                    types.String `tfsdk:"url"`
	Release                types.String `tfsdk:"release"`
	Cluster                types.String `tfsdk:"cluster"`
	Service                types.String `tfsdk:"service"`
	TaskDefinition         types.String `tfsdk:"task_definition"`
	Image                  types.String `tfsdk:"image"`
	Timeout                types.String `tfsdk:"timeout"`
	DeployedTaskDefinition types.String `tfsdk:"deployed_task_definition"`
	DeployedImage          types.String `tfsdk:"deployed_image"`
}

// ModifyPlan makes a plan of what Read has found: another task definition, or another
// image, than the one that was rolled out.
func (releaseResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	var plan releaseModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var state *releaseModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	byImage := plan.TaskDefinition.IsNull()
	switch {
	case state != nil && !byImage && state.DeployedTaskDefinition.Equal(plan.TaskDefinition),
		state != nil && byImage && state.DeployedImage.Equal(plan.Image) && state.Release.Equal(plan.Release):
		plan.DeployedTaskDefinition, plan.DeployedImage = state.DeployedTaskDefinition, state.DeployedImage
	case byImage:
		plan.DeployedTaskDefinition, plan.DeployedImage = types.StringUnknown(), plan.Image
	default:
		plan.DeployedTaskDefinition, plan.DeployedImage = plan.TaskDefinition, types.StringUnknown()
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (releaseResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan releaseModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Without a state, what failed is planned again.
	if plan.rollOut(ctx, &resp.Diagnostics); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

func (releaseResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan releaseModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// With the state before, what failed is planned again.
	if plan.rollOut(ctx, &resp.Diagnostics); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// rollOut leaves in the model what the service runs.
func (m *releaseModel) rollOut(ctx context.Context, diags *diag.Diagnostics) {
	timeout, err := time.ParseDuration(m.Timeout.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("timeout"), "Not a duration", err.Error())
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("the timeout of %s is over", timeout))
	defer cancel()
	variable, err := releaseVariable()
	if err != nil {
		diags.AddError("The service does not know itself", err.Error())
		return
	}
	service, err := release.Connect(ctx, m.Cluster.ValueString(), m.Service.ValueString())
	if err != nil {
		diags.AddError("ECS cannot be asked", err.Error())
		return
	}
	arn := m.TaskDefinition.ValueString()
	if m.TaskDefinition.IsNull() {
		if arn, err = service.Revise(ctx, m.Image.ValueString(), variable, m.Release.ValueString()); err != nil {
			diags.AddError("The release has no task definition", err.Error())
			return
		}
	} else if wanted, err := service.Revision(ctx, arn, variable); err != nil || wanted.Release != m.Release.ValueString() {
		if err == nil { // then no rollout would ever pass the check
			err = fmt.Errorf("the task definition %s sets %s to %q, and release is %q: give both the same", arn, variable, wanted.Release, m.Release.ValueString())
		}
		diags.AddError("The release is not that of its task definition", err.Error()+".")
		return
	}
	before, err := service.Running(ctx, variable)
	if err != nil {
		diags.AddError("ECS cannot be asked", err.Error())
		return
	}
	if err := service.RollOut(ctx, arn); err != nil {
		diags.AddError("The release was not rolled out", err.Error())
		return
	}
	check := release.Check{
		URL: m.URL.ValueString(), Path: rest.HealthPath, Header: rest.ReleaseHeader, Release: m.Release.ValueString(), Interval: release.Interval,
	}
	if err := check.Run(ctx); err != nil {
		diags.AddError("The public does not get the release", err.Error()+".\n"+goBack(ctx, service, before.ARN, arn))
		return
	}
	runs, err := service.Running(ctx, variable)
	if err != nil {
		diags.AddError("ECS cannot be asked", err.Error())
		return
	}
	if runs.ARN != arn {
		diags.AddError("The release was replaced", fmt.Sprintf("While it was checked, the service %s was told to run %s: somebody else rolls out at the same time.", m.Service.ValueString(), runs.ARN))
		return
	}
	m.DeployedTaskDefinition, m.DeployedImage = types.StringValue(runs.ARN), types.StringValue(runs.Image)
}

// backTimeout is enough for a rollout of tasks that ran a moment ago.
const backTimeout = 10 * time.Minute

// goBack has the service run what it ran before a release that the public did not get, and
// says what became of that: ECS is content with the release, and would keep it.
func goBack(ctx context.Context, service *release.Service, before, failed string) string {
	switch {
	case before == failed:
		return "The service ran it before, so that there is nothing to go back to: promote a release that works."
	case errors.Is(context.Cause(ctx), context.Canceled):
		return "This was interrupted, and the service still runs it: apply again, or promote the release before."
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backTimeout)
	defer cancel()
	if err := service.RollOut(ctx, before); err != nil {
		return fmt.Sprintf("The service still runs it, since it could not be taken back to %s: %s.", before, err)
	}
	return "The service was taken back to " + before + "."
}

func (releaseResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state releaseModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	variable, err := releaseVariable()
	if err != nil {
		resp.Diagnostics.AddError("The service does not know itself", err.Error())
		return
	}
	service, err := release.Connect(ctx, state.Cluster.ValueString(), state.Service.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("ECS cannot be asked", err.Error())
		return
	}
	runs, err := service.Running(ctx, variable)
	if errors.Is(err, release.ErrNoService) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("ECS cannot be asked", err.Error())
		return
	}
	// Only what is deployed: the arguments stay those of the last release that passed its
	// check, so that one that did not is planned again.
	state.DeployedTaskDefinition, state.DeployedImage = types.StringValue(runs.ARN), types.StringValue(runs.Image)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Delete forgets the release. The service is somebody else's, and goes on.
func (releaseResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
