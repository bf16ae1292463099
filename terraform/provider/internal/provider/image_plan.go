package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
)

// ModifyPlan reads the source in every plan, so that an image that changed is seen.
func (imageResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan imageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Digest, plan.Annotations = types.StringUnknown(), types.MapUnknown(types.StringType)
	if !plan.Source.IsUnknown() {
		image, err := registry.Read(ctx, plan.Source.ValueString())
		if err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("source"), "The image cannot be read", err.Error())
			return
		}
		resp.Diagnostics.Append(plan.describe(ctx, image)...)
		// Before anything is made, rather than after half of it.
		plan.checkTags(ctx, image, &resp.Diagnostics)
	}
	plan.locate()
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// describe sets what the image itself says.
func (m *imageModel) describe(ctx context.Context, image *registry.Image) (diags diag.Diagnostics) {
	m.Digest = types.StringValue(image.Digest)
	m.Annotations, diags = types.MapValueFrom(ctx, types.StringType, image.Annotations)
	return diags
}

// locate sets the reference, as soon as it is known.
func (m *imageModel) locate() {
	m.Reference = types.StringUnknown()
	if !m.Repository.IsUnknown() && !m.Digest.IsUnknown() {
		m.Reference = types.StringValue(m.Repository.ValueString() + "@" + m.Digest.ValueString())
	}
	m.ID = m.Reference
}

func (m *imageModel) checkTags(ctx context.Context, image *registry.Image, diags *diag.Diagnostics) {
	tags, known := m.tags()
	if m.Repository.IsUnknown() || !known || len(tags) == 0 {
		return
	}
	repository := m.open(ctx, diags)
	if repository == nil {
		return
	}
	if err := repository.Check(ctx, image.Digest, tags); err != nil {
		diags.AddAttributeError(path.Root("tags"), "The image cannot be tagged", err.Error())
	}
}

// tags are those that are asked for, and whether all of them are known.
func (m *imageModel) tags() ([]string, bool) {
	if m.Tags.IsUnknown() {
		return nil, false
	}
	tags := make([]string, 0, len(m.Tags.Elements()))
	for _, element := range m.Tags.Elements() {
		tag, ok := element.(types.String)
		if !ok || tag.IsUnknown() {
			return nil, false
		}
		tags = append(tags, tag.ValueString())
	}
	return tags, true
}

func (m *imageModel) open(ctx context.Context, diags *diag.Diagnostics) *registry.Repository {
	name, err := registry.ParseRepository(m.Repository.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("repository"), "The repository cannot be used", err.Error())
		return nil
	}
	repository, err := registry.Open(ctx, name)
	if err != nil {
		diags.AddAttributeError(path.Root("repository"), "The repository cannot be used", err.Error())
		return nil
	}
	return repository
}
