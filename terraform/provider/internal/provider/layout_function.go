package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
)

type layoutFunction struct{}

// NewLayoutFunction is provider::falafel::layout.
func NewLayoutFunction() function.Function { return layoutFunction{} }

func (layoutFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "layout"
}

type layoutModel struct {
	Digest      string                   `tfsdk:"digest"`
	Annotations map[string]string        `tfsdk:"annotations"`
	Platforms   map[string]platformModel `tfsdk:"platforms"`
}

type platformModel struct {
	User       string   `tfsdk:"user"`
	Entrypoint []string `tfsdk:"entrypoint"`
	Ports      []int64  `tfsdk:"ports"`
	Size       int64    `tfsdk:"size"`
}

var platformType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"user":       types.StringType,
	"entrypoint": types.ListType{ElemType: types.StringType},
	"ports":      types.ListType{ElemType: types.Int64Type},
	"size":       types.Int64Type,
}}

var layoutTypes = map[string]attr.Type{
	"digest":      types.StringType,
	"annotations": types.MapType{ElemType: types.StringType},
	"platforms":   types.MapType{ElemType: platformType},
}

func (layoutFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Reads what an OCI layout holds",
		MarkdownDescription: "Returns `digest`, `annotations` and `platforms` of the image in an OCI layout: by name, such as `linux/arm64`, the `user` it runs as, " +
			"its `entrypoint`, the `ports` it exposes, and its `size` (bytes to download). It serves preconditions: that a service does not start as root, " +
			"on a port that the image does not expose, or on an architecture that it was not built for.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "path",
			MarkdownDescription: "The folder of the layout.",
		}},
		Return: function.ObjectReturn{AttributeTypes: layoutTypes},
	}
}

func (layoutFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var folder string
	if resp.Error = req.Arguments.Get(ctx, &folder); resp.Error != nil {
		return
	}
	image, err := registry.ReadLayout(folder)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	platforms, err := image.Platforms()
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	result := layoutModel{Digest: image.Digest, Annotations: image.Annotations, Platforms: map[string]platformModel{}}
	for name, platform := range platforms {
		result.Platforms[name] = platformModel(platform)
	}
	resp.Error = resp.Result.Set(ctx, result)
}
