package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type serviceDataSource struct{}

// NewServiceDataSource is falafel_service.
func NewServiceDataSource() datasource.DataSource { return serviceDataSource{} }

func (serviceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service"
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func (serviceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "What the service's Go code knows about itself, and what it runs on has to know as well: " +
			"its table, what it may do there, its ports, environment, routes and time limits. " +
			"It is compiled into the provider, so that it is known at plan and asks nothing of the network. " +
			"A provider built from a commit has the facts of that commit.",
		Attributes: map[string]schema.Attribute{
			"table_name": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Name of the table, the value of `FALAFEL_TABLE`. By default the service's own default. Must be known at plan for the rest to be.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(tableName, "must be 3 to 255 letters, digits, `_`, `-` or `.`, as DynamoDB's table names are"),
				},
			},
			"table":       tableSchema(),
			"permissions": permissionsSchema(),
			"ports": schema.SingleNestedAttribute{
				Computed: true, MarkdownDescription: "What the service listens on by default.",
				Attributes: map[string]schema.Attribute{
					"api":     computedNumber("Port of the API."),
					"metrics": computedNumber("Port of `/metrics`, `/livez` and `/readyz`: never exposed to the internet."),
				},
			},
			"health": schema.SingleNestedAttribute{
				Computed: true, MarkdownDescription: "How to ask whether the process works. Both leave the database out: a new process would not mend it.",
				Attributes: map[string]schema.Attribute{
					"path": computedText("Path for a load balancer to ask on the API's port."),
					"command": schema.ListAttribute{
						Computed: true, ElementType: types.StringType,
						MarkdownDescription: "Health check of the container, as ECS takes it.",
					},
				},
			},
			"environment": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "Variables that the service reads, by name, beside those of every AWS SDK.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"type":        computedText("`string`, `bool`, `duration` (as in `10s`) or `list` (separated by commas)."),
					"default":     computedText("Its value where the variable is not set."),
					"description": computedText("What it decides."),
				}},
			},
			"stop_timeout": computedNumber("Seconds between SIGTERM and SIGKILL that a graceful stop needs (ECS's `stopTimeout`), " +
				"with the default `FALAFEL_SHUTDOWN_DELAY` and `FALAFEL_SHUTDOWN_TIMEOUT`. Whoever sets these adds the difference."),
			"deregistration_delay": computedNumber("Seconds in which requests in flight end, for the target group: ECS takes a task out of it, waits that long, and then sends SIGTERM."),
			"routes": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Operations of the API, by path and method.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"method":       computedText("`GET`, `POST`, …"),
					"path":         computedText("Path, with `{parameters}`."),
					"operation_id": computedText("Name of the operation in the OpenAPI document."),
				}},
			},
			"slos":             slosSchema(),
			"openapi":          computedText("OpenAPI 3.0.3 document of the API, as JSON. The function `api_gateway` makes one for API Gateway of it."),
			"version":          computedText("Version of the API that the document describes."),
			"user":             computedText("User and group of the process in the image."),
			"release_variable": computedText("Variable whose value `GET /status` gives back in `X-Release`: what `falafel_release` looks for."),
		},
	}
}

func tableSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed: true, MarkdownDescription: "Definition of the DynamoDB table, for `aws_dynamodb_table`.",
		Attributes: map[string]schema.Attribute{
			"name":          computedText("Same as `table_name`."),
			"billing_mode":  computedText("`PAY_PER_REQUEST`."),
			"partition_key": computedText("Partition key (`hash_key`)."),
			"sort_key":      computedText("Sort key (`range_key`)."),
			"attributes": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Types of the attributes that are keys, here or in an index.",
			},
			"global_secondary_indexes": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "Global secondary indexes, by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"partition_key":   computedText("Partition key of the index."),
					"sort_key":        computedText("Sort key of the index."),
					"projection_type": computedText("`ALL`, `KEYS_ONLY` or `INCLUDE`."),
					"non_key_attributes": schema.ListAttribute{
						Computed: true, ElementType: types.StringType,
						MarkdownDescription: "What an index with `INCLUDE` has beside the keys; else null.",
					},
				}},
			},
			"time_to_live_attribute": computedText("Attribute that holds the time after which DynamoDB removes an item."),
		},
	}
}

func permissionsSchema() schema.Attribute {
	actions := types.SetType{ElemType: types.StringType}
	return schema.SingleNestedAttribute{
		Computed: true, MarkdownDescription: "IAM actions that the service needs, all of them and no more.",
		Attributes: map[string]schema.Attribute{
			"table": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Actions on the table itself, such as `dynamodb:GetItem`.",
			},
			"indexes": schema.MapAttribute{
				Computed: true, ElementType: actions,
				MarkdownDescription: "Actions on an index (`TABLE_ARN/index/NAME`), by its name.",
			},
		},
	}
}

func slosSchema() schema.Attribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "What the service promises its users, and counts by: `SLORequestsGood` and `SLORequestsBad` with the dimension `Objective` in the metrics that it writes to its log.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":        computedText("Name of the objective, and value of the dimension."),
			"description": computedText("What is promised, in a sentence."),
			"target":      schema.Float64Attribute{Computed: true, MarkdownDescription: "Share of good requests that is promised, such as `0.999`."},
			"window_days": computedNumber("Days over which it is promised."),
			"runbook":     computedText("Name of the page below `docs/runbooks` for whoever is told that it is broken."),
			"alarms": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "When somebody is to be told: when the share of bad requests is above `max_error_ratio` in both windows, and `min_bad` of them were bad in the long one. Only what CloudWatch can tell: an alarm looks back a day at most.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"severity":        computedText("`page` (now) or `ticket` (within the working day)."),
					"window":          computedText("Name of the long window, such as `6h`."),
					"long_seconds":    computedNumber("Long window: a blip is no alarm."),
					"short_seconds":   computedNumber("Short window: an alarm ends soon after its cause."),
					"max_error_ratio": schema.Float64Attribute{Computed: true, MarkdownDescription: "Share of bad requests that is still no alarm."},
					"min_bad":         computedNumber("Bad requests that the long window has at least."),
				}},
			},
		}},
	}
}

func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func computedNumber(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func (serviceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name *string
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("table_name"), &name)...)
	if resp.Diagnostics.HasError() {
		return
	}
	facts, err := serviceFacts(name)
	if err != nil {
		resp.Diagnostics.AddError("The service does not know itself", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, facts)...)
}
