package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type apiGatewayFunction struct{}

// NewAPIGatewayFunction is provider::falafel::api_gateway.
func NewAPIGatewayFunction() function.Function { return apiGatewayFunction{} }

func (apiGatewayFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "api_gateway"
}

type integrationModel struct {
	ConnectionID   string `tfsdk:"connection_id"`
	IntegrationURI string `tfsdk:"integration_uri"`
	ServerName     string `tfsdk:"server_name"`
}

func (apiGatewayFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Makes the body of an API Gateway HTTP API from an OpenAPI document",
		MarkdownDescription: "Returns JSON for `body` of `aws_apigatewayv2_api`: every operation of the document, with an integration that hands the request through a VPC link to a " +
			"load balancer's listener. Only what an HTTP API uses is kept, since it warns about the rest: it neither validates bodies nor knows schemas, examples or security schemes of others. " +
			"The path is handed on as it came, so the stage has to be `$default`.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "openapi",
				MarkdownDescription: "An OpenAPI 3.0 document as JSON, such as `data.falafel_service.….openapi`. API Gateway takes no 3.1.",
			},
			function.ObjectParameter{
				Name: "integration",
				MarkdownDescription: "`connection_id`: the VPC link's id. `integration_uri`: the ARN of the load balancer's listener. " +
					"`server_name`: the name on the listener's certificate, as API Gateway calls the listener by HTTPS.",
				AttributeTypes: map[string]attr.Type{
					"connection_id":   types.StringType,
					"integration_uri": types.StringType,
					"server_name":     types.StringType,
				},
			},
		},
		Return: function.StringReturn{},
	}
}

func (apiGatewayFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var document string
	var target integrationModel
	if resp.Error = req.Arguments.Get(ctx, &document, &target); resp.Error != nil {
		return
	}
	body, err := gatewayBody(document, target)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, body)
}

// gatewayMethods are those that a route of an HTTP API may have.
var gatewayMethods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// gatewayBody is what API Gateway imports. An import without info.version is refused.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
func gatewayBody(document string, target integrationModel) (string, error) {
	read, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		return "", fmt.Errorf("this is no OpenAPI document: %w", err)
	}
	if !strings.HasPrefix(read.OpenAPI, "3.0.") {
		return "", fmt.Errorf("API Gateway imports OpenAPI 3.0, and this document is %s: hand it the 3.0 one", read.OpenAPI)
	}
	if read.Info == nil || read.Info.Title == "" || read.Info.Version == "" {
		return "", fmt.Errorf("the document needs info.title and info.version: API Gateway imports none without")
	}
	paths := map[string]map[string]any{}
	for path, item := range read.Paths.Map() {
		operations := map[string]any{}
		for method, operation := range item.Operations() {
			if !slices.Contains(gatewayMethods, method) {
				return "", fmt.Errorf("API Gateway has no route for %s %s: its methods are %s", method, path, strings.Join(gatewayMethods, ", "))
			}
			operations[strings.ToLower(method)] = map[string]any{
				"operationId": operation.OperationID,
				"responses":   map[string]any{"default": map[string]string{"description": "What the service answers."}},
				"x-amazon-apigateway-integration": map[string]any{
					"type":           "http_proxy",
					"httpMethod":     method,
					"connectionType": "VPC_LINK",
					"connectionId":   target.ConnectionID,
					"uri":            target.IntegrationURI,
					// 1.0 is the only one that an HTTP integration takes.
					"payloadFormatVersion": "1.0",
					"tlsConfig":            map[string]string{"serverNameToVerify": target.ServerName},
				},
			}
		}
		paths[path] = operations
	}
	if len(paths) == 0 {
		return "", fmt.Errorf("the document has no paths: API Gateway would route nothing")
	}
	body, err := json.Marshal(map[string]any{
		"openapi": "3.0.1", // what API Gateway itself exports
		"info":    map[string]string{"title": read.Info.Title, "version": read.Info.Version},
		"paths":   paths,
	})
	return string(body), err
}
