package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
)

// imageResource promotes an image: image_plan.go says what will be there, image_apply.go
// sees to it, image_read.go finds out whether it still is.
type imageResource struct{}

var (
	_ resource.ResourceWithModifyPlan  = imageResource{}
	_ resource.ResourceWithImportState = imageResource{}
)

// NewImageResource is falafel_image.
func NewImageResource() resource.Resource { return imageResource{} }

type imageModel struct {
	Source          types.String `tfsdk:"source"`
	Repository      types.String `tfsdk:"repository"`
	Tags            types.Set    `tfsdk:"tags"`
	DeleteOnDestroy types.Bool   `tfsdk:"delete_on_destroy"`
	Digest          types.String `tfsdk:"digest"`
	Reference       types.String `tfsdk:"reference"`
	Annotations     types.Map    `tfsdk:"annotations"`
	ID              types.String `tfsdk:"id"`
}

// tagForm is the OCI distribution specification's.
var tagForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

func (imageResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_image"
}

func (imageResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Promotes an image into a repository: whole (all platforms, and what attests them) and by digest.\n\n" +
			"The digest is known when Terraform plans, even where the repository does not exist yet. So a plan shows which image a " +
			"service will run, and one apply makes the repository, fills it and starts the service.\n\n" +
			"Every refresh asks the registry: an image that is gone, or a tag that names another image, is planned again. A registry that " +
			"cannot be reached, or that refuses, is an error and never means that the image is gone.\n\n" +
			"Credentials for Amazon ECR come from the AWS SDK's default chain, with the region of the repository's name; those for other " +
			"registries from Docker's configuration. They are never stored. Promoting to ECR needs the rights `ecr:GetAuthorizationToken` (on `*`), " +
			"`ecr:BatchGetImage`, `ecr:GetDownloadUrlForLayer`, `ecr:BatchCheckLayerAvailability`, `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart`, " +
			"`ecr:CompleteLayerUpload`, `ecr:PutImage` and `ecr:DescribeRepositories`; deleting needs `ecr:ListImages` and `ecr:BatchDeleteImage`.",
		Attributes: map[string]schema.Attribute{
			"source": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The folder of an OCI layout (as `go run ./devenv image build` writes it; relative to where Terraform runs, so begin with `${path.root}/`), or an image in a registry: " +
					"`registry/repository@sha256:…` or `registry/repository:tag`. When it changes, or what it holds, the new image is promoted " +
					"and the old one stays, to go back to. When it changes between plan and apply, the apply stops before anything is pushed " +
					"(Terraform says `inconsistent final plan` and names both digests): plan again.",
				Validators: []validator.String{checked("a folder, or a reference", registry.Validate)},
			},
			"repository": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Where the image goes: `registry/repository`, such as `aws_ecr_repository.….repository_url`. It may be unknown when Terraform plans. Changing it makes a new resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: []validator.String{checked("registry/repository", func(text string) error {
					_, err := registry.ParseRepository(text)
					return err
				})},
			},
			"tags": schema.SetAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Tags for people to find the image by; what runs goes by digest. A tag of an immutable ECR repository that names another image " +
					"stops the plan or, where the repository is not known then, the apply, before anything is pushed. Elsewhere tags move. A tag that is left out later stays in the registry.",
				Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.RegexMatches(tagForm,
					"a tag has up to 128 letters, digits, _, . and -, and begins with none of the last two"))},
			},
			"delete_on_destroy": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying this resource deletes the tags and, where no other tag names it, the image. By default both stay. " +
					"The images of the single platforms are left to the registry's lifecycle policy or garbage collection.",
			},
			"digest":      schema.StringAttribute{Computed: true, MarkdownDescription: "`sha256:…` of the image. Known when Terraform plans."},
			"reference":   schema.StringAttribute{Computed: true, MarkdownDescription: "`registry/repository@sha256:…`: what to run."},
			"annotations": schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The image's annotations, such as `org.opencontainers.image.revision`. Known when Terraform plans."},
			"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "The same as `reference`."},
		},
	}
}
