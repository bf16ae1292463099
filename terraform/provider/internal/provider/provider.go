// Package provider is the Terraform provider: image_* promotes the image, service_* hands
// Terraform the facts that live in Go, release_* rolls a release out and checks it. It
// has no configuration of its own: it speaks to AWS as the SDK's default chain says.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Address is where Terraform looks this provider up.
const Address = "registry.terraform.io/pretendfriend/falafel"

type falafel struct{}

var _ provider.ProviderWithFunctions = falafel{}

// New is the provider.
func New() provider.Provider { return falafel{} }

func (falafel) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "falafel"
}

func (falafel) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ships the falafel API: promotes its image by digest, hands Terraform the facts that " +
			"live in its Go code, and rolls a release out.\n\n" +
			"The provider has no settings. It finds region, credentials and endpoints as every AWS SDK does " +
			"(`AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL_ECR`, …), and credentials of other registries where Docker keeps them.",
	}
}

func (falafel) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (falafel) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{NewImageResource, NewReleaseResource}
}

func (falafel) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{NewServiceDataSource}
}

func (falafel) Functions(context.Context) []func() function.Function {
	return []func() function.Function{NewLayoutFunction, NewAPIGatewayFunction}
}
