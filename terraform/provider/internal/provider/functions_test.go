package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry/registrytest"
)

func TestALayoutCanBeReadInHCL(t *testing.T) {
	acceptance(t)
	t.Parallel()
	folder, digest := registrytest.Layout(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: fmt.Sprintf(`output "layout" { value = provider::falafel::layout(%q) }`, folder),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValueAtPath("layout", tfjsonpath.New("digest"), knownvalue.StringExact(digest)),
					statecheck.ExpectKnownOutputValueAtPath("layout", tfjsonpath.New("annotations").AtMapKey("org.opencontainers.image.revision"), knownvalue.StringExact("abc")),
					statecheck.ExpectKnownOutputValueAtPath("layout", tfjsonpath.New("platforms"), knownvalue.MapSizeExact(2)),
					statecheck.ExpectKnownOutputValueAtPath("layout", tfjsonpath.New("platforms").AtMapKey("linux/arm64"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"user":       knownvalue.StringExact("65532:65532"),
						"entrypoint": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("/api")}),
						"ports":      knownvalue.ListExact([]knownvalue.Check{knownvalue.Int64Exact(3000), knownvalue.Int64Exact(5050)}),
					})),
				},
			},
			{
				Config:      `output "layout" { value = provider::falafel::layout("./absent") }`,
				ExpectError: saying(`there is no OCI layout in "./absent"`),
			},
		},
	})
}

const aGateway = `{ connection_id = "abc123", integration_uri = "arn:aws:elasticloadbalancing:listener", server_name = "falafel.example.com" }`

func TestEveryOperationOfTheServiceGoesThroughTheGateway(t *testing.T) {
	acceptance(t)
	t.Parallel()
	documents, err := rest.Documents()
	require.NoError(t, err)
	var service struct {
		Info  struct{ Version string }
		Paths map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(documents["openapi-3.0.json"], &service))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: `data "falafel_service" "api" {}
				output "body" { value = provider::falafel::api_gateway(data.falafel_service.api.openapi, ` + aGateway + `) }`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("body", knownvalue.StringFunc(func(body string) error {
					var gateway struct {
						OpenAPI string
						Info    struct{ Title, Version string }
						Paths   map[string]map[string]struct {
							Integration map[string]any `json:"x-amazon-apigateway-integration"`
						}
					}
					require.NoError(t, json.Unmarshal([]byte(body), &gateway))
					assert.Equal(t, "3.0.1", gateway.OpenAPI)
					assert.Equal(t, service.Info.Version, gateway.Info.Version)
					assert.NotEmpty(t, gateway.Info.Title)
					for path, operations := range service.Paths {
						for method := range operations {
							if method == "parameters" || method == "servers" || method == "summary" || method == "description" {
								continue
							}
							assert.Equal(t, map[string]any{
								"type": "http_proxy", "httpMethod": strings.ToUpper(method), "payloadFormatVersion": "1.0",
								"connectionType": "VPC_LINK", "connectionId": "abc123", "uri": "arn:aws:elasticloadbalancing:listener",
								"tlsConfig": map[string]any{"serverNameToVerify": "falafel.example.com"},
							}, gateway.Paths[path][method].Integration, "%s %s", method, path)
						}
					}
					assert.Len(t, gateway.Paths, len(service.Paths))
					return nil
				})),
			},
		}},
	})
}

func TestADocumentThatTheGatewayWouldRefuseIsRefusedHere(t *testing.T) {
	acceptance(t)
	t.Parallel()
	var steps []resource.TestStep
	for document, complaint := range map[string]string{
		`nonsense`: "this is no OpenAPI document",
		`{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"/a":{"get":{"responses":{}}}}}`:   "this document is 3.1.0",
		`{"openapi":"3.0.3","info":{"title":"a"},"paths":{"/a":{"get":{"responses":{}}}}}`:                 "needs info.title and info.version",
		`{"openapi":"3.0.3","info":{"title":"a","version":"1"},"paths":{}}`:                                "has no paths",
		`{"openapi":"3.0.3","info":{"title":"a","version":"1"},"paths":{"/a":{"trace":{"responses":{}}}}}`: "has no route for TRACE /a",
	} {
		steps = append(steps, resource.TestStep{
			Config:      fmt.Sprintf(`output "body" { value = provider::falafel::api_gateway(%q, %s) }`, document, aGateway),
			ExpectError: saying(complaint),
		})
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}

// The examples are those of the documentation, as they stand.
func TestTheExamplesWork(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	layout := config.Variables{"layout": config.StringVariable(folder)}
	for example, variables := range map[string]config.Variables{
		"resources/falafel_image/resource.tf": {"layout": layout["layout"], "repository": config.StringVariable(server.Host + "/falafel")},
		"functions/layout/function.tf":        layout,
		"functions/api_gateway/function.tf": {
			"connection_id": config.StringVariable("abc123"),
			"listener_arn":  config.StringVariable("arn:aws:elasticloadbalancing:listener"),
		},
	} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("..", "..", "examples", example))
			require.NoError(t, err)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:          string(content),
					ConfigVariables: variables,
				}},
			})
		})
	}
	t.Cleanup(func() { assert.Equal(t, digest, server.DigestOf(t, "falafel:latest")) })
}
