package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
)

// Read asks the registry. A tag that names something else is no longer in the state, so
// that the next plan sets it again.
func (imageResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state imageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	repository := state.open(ctx, &resp.Diagnostics)
	if repository == nil {
		return
	}
	image, err := repository.Get(ctx, state.Digest.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("The image cannot be looked up", err.Error())
		return
	}
	if image == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(state.describe(ctx, image)...)
	if tags, _ := state.tags(); len(tags) > 0 {
		misplaced, err := repository.Misplaced(ctx, image.Digest, tags)
		if err != nil {
			resp.Diagnostics.AddError("The image's tags cannot be looked up", err.Error())
			return
		}
		kept := slices.DeleteFunc(tags, func(tag string) bool { return slices.Contains(misplaced, tag) })
		set, diags := types.SetValueFrom(ctx, types.StringType, kept)
		resp.Diagnostics.Append(diags...)
		state.Tags = set
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// ImportState takes a reference by digest. Where the image came from nobody knows any
// more: the next plan sets source and tags, and pushes nothing that is there.
func (imageResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	repository, digest, err := registry.ParseDigest(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("The image cannot be imported", err.Error())
		return
	}
	for attribute, value := range map[string]string{"id": req.ID, "reference": req.ID, "repository": repository, "digest": digest} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("delete_on_destroy"), false)...)
}
