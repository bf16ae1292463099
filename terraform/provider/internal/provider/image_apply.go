package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
)

func (imageResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan imageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if plan.promote(ctx, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Update promotes in place: the image that ran until now stays, for a rollback to find.
func (imageResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan imageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if plan.promote(ctx, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

func (imageResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state imageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !state.DeleteOnDestroy.ValueBool() {
		return
	}
	repository := state.open(ctx, &resp.Diagnostics)
	if repository == nil {
		return
	}
	tags, _ := state.tags()
	if err := repository.Delete(ctx, state.Digest.ValueString(), tags); err != nil {
		resp.Diagnostics.AddError("The image cannot be deleted", err.Error())
	}
}

// promote pushes what was planned, and nothing else. That its tags may be set was found out
// by ModifyPlan, which Terraform has called once more, with all that is known by now.
func (m *imageModel) promote(ctx context.Context, diags *diag.Diagnostics) bool {
	if diags.HasError() {
		return false
	}
	image, err := registry.Read(ctx, m.Source.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("source"), "The image cannot be read", err.Error())
		return false
	}
	if !m.Digest.IsUnknown() && m.Digest.ValueString() != image.Digest {
		diags.AddAttributeError(path.Root("source"), "The image changed after it was planned",
			fmt.Sprintf("%s held %s when this was planned and holds %s now: plan again.", m.Source.ValueString(), m.Digest.ValueString(), image.Digest))
		return false
	}
	repository := m.open(ctx, diags)
	if repository == nil {
		return false
	}
	tags, _ := m.tags()
	if err := repository.Push(ctx, image, tags); err != nil {
		diags.AddError("The image cannot be promoted", err.Error())
		return false
	}
	diags.Append(m.describe(ctx, image)...)
	m.locate()
	return !diags.HasError()
}
