package provider

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	taskDefinitionARN = regexp.MustCompile(`^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task-definition/[A-Za-z0-9_-]+:\d+$`)
	imageReference    = regexp.MustCompile(`^[^@\s]+@sha256:[0-9a-f]{64}$`)
	headerValue       = regexp.MustCompile(`^[\x21-\x7e]{1,128}$`) // as the service takes it
)

func (releaseResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaced := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Rolls a release out on ECS, and checks what the public gets.\n\n" +
			"An apply tells the service to run the task definition, and waits until ECS has completed that deployment. " +
			"Then it asks the public address until it answers with the release, writes a review through it, reads it back and deletes it. " +
			"Where any of that fails, the apply fails with the reason: why ECS gave up (with the service's last events, and why its tasks stopped), or what the public address answered. " +
			"A release that ECS gave up is rolled back by its circuit breaker, and one that failed the check by this resource, to the task definition that ran before. " +
			"A release that failed is planned again.\n\n" +
			"The service needs a deployment circuit breaker that rolls back, and `ignore_changes = [task_definition]`: this resource is what changes it. " +
			"Whoever applies needs `ecs:DescribeServices`, `ecs:UpdateService`, `ecs:DescribeTaskDefinition`, `ecs:ListTasks` and `ecs:DescribeTasks`; " +
			"with `image` also `ecs:RegisterTaskDefinition`, `ecs:TagResource` and `iam:PassRole` for the roles of the task.\n\n" +
			"The review of the check belongs to a restaurant named `~ Falafel release check`, which exists for about a second. " +
			"What an interrupted check leaves there, a check deletes that runs an hour later or more. " +
			"Destroying the resource forgets the release; the service goes on.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Required: true, MarkdownDescription: "Public address of the API, such as `https://falafel.example.com`. `http` is for loopback addresses alone.",
				Validators: []validator.String{publicURL{}},
			},
			"release": schema.StringAttribute{
				Required: true, MarkdownDescription: "What `GET /status` must answer in `X-Release`: the image's digest, by convention.",
				Validators: []validator.String{stringvalidator.RegexMatches(headerValue, "must be 1 to 128 printable ASCII characters without a space, such as an image's digest")},
			},
			"cluster": schema.StringAttribute{
				Required: true, MarkdownDescription: "Name or ARN of the cluster.", PlanModifiers: replaced,
			},
			"service": schema.StringAttribute{
				Required: true, MarkdownDescription: "Name or ARN of the service.", PlanModifiers: replaced,
			},
			"task_definition": schema.StringAttribute{
				Optional: true, MarkdownDescription: "ARN of the task definition to run, with its revision. Either this or `image`.",
				Validators: []validator.String{stringvalidator.RegexMatches(taskDefinitionARN, "must be the ARN of a task definition with its revision, as aws_ecs_task_definition's `arn` is")},
			},
			"image": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Image to run, `repository@sha256:…`: the service's task definition is registered once more with this image in the container `api` " +
					"and with the release in `FALAFEL_RELEASE`; everything else is carried over. Where it has both already, it is not registered again. Either this or `task_definition`.",
				Validators: []validator.String{stringvalidator.RegexMatches(imageReference, "must name the image by digest, `repository@sha256:…`, as falafel_image's `reference` does")},
			},
			"timeout": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString("10m"),
				MarkdownDescription: "How long all of it may take, such as `10m`.",
				Validators:          []validator.String{positiveDuration{}},
			},
			"deployed_task_definition": schema.StringAttribute{Computed: true, MarkdownDescription: "ARN of the task definition that the service runs."},
			"deployed_image":           schema.StringAttribute{Computed: true, MarkdownDescription: "Image that the service runs."},
		},
	}
}

func (releaseResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("task_definition"), path.MatchRoot("image")),
	}
}

// publicURL is what the public may use: encrypted, but on this machine.
type publicURL struct{}

func (publicURL) Description(context.Context) string {
	return "must be https://host, or http on a loopback address, without path, query and credentials"
}
func (v publicURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v publicURL) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	u, err := url.Parse(req.ConfigValue.ValueString())
	bare := err == nil && u.Hostname() != "" && u.User == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
	if bare && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Not a public address", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

type positiveDuration struct{}

func (positiveDuration) Description(context.Context) string {
	return "must be a duration above 0, such as 10m"
}

func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v positiveDuration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
