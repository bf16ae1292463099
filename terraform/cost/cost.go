// Package cost says what the environment "hosted" costs per month: docs/cost.md is made of
// it. Read [Items]. Prices are written here by hand, with the year that they are
// of; its tests hold the counts and the kinds of resources to the modules.
//
// After a change: go test ./terraform/cost -update
package cost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// List prices in USD, without tax, free tier and savings plans: where, and as of when.
const (
	Region = "eu-central-1"
	AsOf   = "2025"
)

// hours of a month, as AWS's calculator has them.
const hours = 730

// What the modules make by default. Tests compare.
const (
	Zones              = 3
	InterfaceEndpoints = 3
	ManagedRules       = 3  // of the WAF; one more rule limits rates
	ServiceAlarms      = 7  // each reads one metric
	ObjectiveAlarms    = 18 // each reads two, and looks at one window
	ObjectiveTold      = 6  // each joins some of those
	SystemErrorMetrics = 10 // that one alarm of the database adds up
	Indexes            = 3
	Tasks              = 2
	CPU                = 256 // units: 1024 are a vCPU
	Memory             = 512 // MiB
)

// The month that is assumed.
const (
	millions  = 1.0 // requests
	creates   = 0.1 // of them, in millions, which write
	gigabytes = 1.0 // of reviews stored, of logs, of answers, each
)

// Prices of Fargate for an hour of a vCPU and of a GB, and of a task.
const (
	armCPU, armMemory = 0.03725, 0.00409
	arm               = CPU/1024.0*armCPU + Memory/1024.0*armMemory
	x86               = CPU/1024.0*0.04656 + Memory/1024.0*0.00511
)

// Prices of DynamoDB on demand, for a million units.
const (
	ReadMillion  = 0.1525
	WriteMillion = 0.7625
)

// An Item is a line of the bill.
type Item struct {
	Resource string // type in Terraform; "" for what is not a resource
	What     string
	Quantity float64 // units per month
	Unit     string
	Price    float64 // USD for one
	Module   string
}

// Monthly is what it costs.
func (i Item) Monthly() float64 { return i.Quantity * i.Price }

// Items are what the environment pays for by default.
func Items() []Item {
	return []Item{
		{"aws_ecs_service", fmt.Sprintf("Fargate on ARM: CPU of %d tasks of %g vCPU", Tasks, CPU/1024.0), Tasks * CPU / 1024.0 * hours, "vCPU-hours", armCPU, "service"},
		{"aws_ecs_service", fmt.Sprintf("Fargate on ARM: memory of %d tasks of %g GB", Tasks, Memory/1024.0), Tasks * Memory / 1024.0 * hours, "GB-hours", armMemory, "service"},
		{"aws_ecs_cluster", "Container Insights: metrics of one cluster, service and task family", 8 + 11 + 6, "metrics", 0.30, "service"},
		{"aws_lb", "Load balancer", hours, "hours", 0.027, "edge"},
		{"aws_lb", "Load balancer: capacity units, less than one at this load", hours, "LCU-hours", 0.008, "edge"},
		{"aws_lb", "Load balancer: public IPv4 addresses, one in each zone", Zones * hours, "hours", 0.005, "edge"},
		{"aws_wafv2_web_acl", "WAF: the web ACL", 1, "ACL", 5, "edge"},
		{"aws_wafv2_web_acl", "WAF: rules", 1 + ManagedRules, "rules", 1, "edge"},
		{"aws_wafv2_web_acl", "WAF: requests", millions, "millions", 0.60, "edge"},
		{"aws_s3_bucket", "Access logs: storage", gigabytes, "GB", 0.0245, "edge"},
		{"aws_vpc_endpoint", fmt.Sprintf("Interface endpoints: %d in %d zones (those for DynamoDB and S3 cost nothing)", InterfaceEndpoints, Zones), InterfaceEndpoints * Zones * hours, "hours", 0.012, "network"},
		{"aws_vpc_endpoint", "Interface endpoints: data", gigabytes, "GB", 0.01, "network"},
		{"aws_cloudwatch_log_group", "Logs of the service, the WAF and the network: taken in", 3 * gigabytes, "GB", 0.63, "monitoring, edge, network"},
		{"aws_cloudwatch_log_group", "… and kept", 3 * gigabytes, "GB", 0.0324, "monitoring, edge, network"},
		{"aws_cloudwatch_metric_alarm", "Alarms: metrics that they read", ServiceAlarms + 2*ObjectiveAlarms + 2 + 2*(1+Indexes) + SystemErrorMetrics + 1, "metrics", 0.10, "monitoring, database"},
		{"aws_cloudwatch_composite_alarm", "Alarms that join others: one for each objective and severity", ObjectiveTold, "alarms", 0.50, "monitoring"},
		{"", "The service's own metrics: charged for the hours in which they come", ownMetrics(), "metrics", 0.30, "service"},
		{"", fmt.Sprintf("Lines of metrics in the log, %.0f KB a minute from each task: taken in", metricLines/1000.0), Tasks * metricLines * 60 * hours / 1e9, "GB", 0.63, "service"},
		{"aws_cloudwatch_log_metric_filter", "The metric of errors in the log", 1, "metric", 0.30, "monitoring"},
		{"aws_cloudwatch_dashboard", "Dashboard", 1, "dashboard", 3, "monitoring"},
		{"aws_kms_key", "Key of the alarms", 1, "key", 1, "monitoring"},
		{"aws_dynamodb_table", "DynamoDB: writes of the reviews that are created, 12 units each", creates * 12, "millions", WriteMillion, "database"},
		{"aws_dynamodb_table", "DynamoDB: reads of all other requests, 10 units each", (millions - creates) * 10, "millions", ReadMillion, "database"},
		{"aws_dynamodb_table", fmt.Sprintf("DynamoDB: storage, the table and its %d indexes", Indexes), (1 + Indexes) * gigabytes, "GB", 0.306, "database"},
		{"aws_dynamodb_table", "DynamoDB: point-in-time recovery", gigabytes, "GB", 0.2448, "database"},
		{"aws_ecr_repository", "Images: releases that are kept", 0.5, "GB", 0.10, "registry"},
		{"", "Data to the internet", gigabytes, "GB", 0.09, ""},
	}
}

// metricLines are what a task writes for CloudWatch in a minute, in bytes, as its tests have it.
const metricLines = 2000

// ownMetrics is how many CloudWatch makes of the service's log: each value of a dimension
// is one more. Tasks share them.
func ownMetrics() float64 {
	count := 0
	for _, metric := range telemetry.EMFMetrics() {
		if metric.Dimension == "" {
			count++
		} else {
			count += len(slo.Objectives())
		}
	}
	return float64(count)
}

// Options are what an option adds, by the variable that is set.
func Options() []Item {
	return []Item{
		{"aws_nat_gateway", "`nat = true`: a NAT gateway in each zone, without its data (0.052 a GB)", Zones * hours, "hours", 0.052, "network"},
		{"aws_eip", "`nat = true`: its addresses", Zones * hours, "hours", 0.005, "network"},
		{"aws_apigatewayv2_api", "`kind = \"api_gateway\"`: its requests; the load balancer stays, inside, and needs no public addresses", millions, "millions", 1.20, "edge"},
		{"aws_shield_protection", "`shield = true`: Shield Advanced, for the whole organization, for a year at least", 1, "subscription", 3000, "edge"},
		{"", "`architecture = \"X86_64\"`: what x86 costs more", Tasks * hours, "task-hours", x86 - arm, "service"},
		{"", "`spot = 100`: all tasks but the first on Fargate Spot, at 30 % of the price", -0.7 * (Tasks - 1) * hours, "task-hours", arm, "service"},
	}
}

// Free are the types that cost nothing by themselves.
func Free() []string {
	return []string{
		"aws_acm_certificate", "aws_acm_certificate_validation", // public ones
		"aws_apigatewayv2_api_mapping", "aws_apigatewayv2_domain_name", "aws_apigatewayv2_stage", "aws_apigatewayv2_vpc_link",
		"aws_appautoscaling_policy", "aws_appautoscaling_target", // nor do the alarms that they make
		"aws_budgets_budget", // without actions
		"aws_cloudwatch_log_resource_policy", "aws_cloudwatch_query_definition",
		"aws_default_network_acl", "aws_default_security_group",
		"aws_ecr_lifecycle_policy", "aws_ecs_cluster_capacity_providers", "aws_ecs_task_definition",
		"aws_flow_log", // its log group does
		"aws_iam_openid_connect_provider", "aws_iam_policy", "aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment", "aws_internet_gateway",
		"aws_lb_listener", "aws_lb_target_group",
		"aws_route53_record", // in a zone that is there, which costs 0.50 a month; queries for aliases cost nothing
		"aws_route_table", "aws_route_table_association",
		"aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block",
		"aws_s3_bucket_ownership_controls", "aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_versioning",
		"aws_security_group",
		"aws_sns_topic", "aws_sns_topic_policy", "aws_sns_topic_subscription", // up to a thousand mails
		"aws_subnet", "aws_vpc", "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule",
		"aws_wafv2_web_acl_association", "aws_wafv2_web_acl_logging_configuration",
	}
}

// Markdown is docs/cost.md.
func Markdown() string {
	var page strings.Builder
	write := func(format string, values ...any) { fmt.Fprintf(&page, format+"\n", values...) }
	items := Items()
	slices.SortStableFunc(items, func(a, b Item) int { return int(100 * (b.Monthly() - a.Monthly())) })
	total, idle := 0.0, 0.0
	for _, item := range items {
		total += item.Monthly()
		if !slices.Contains([]string{"millions", "GB", "LCU-hours"}, item.Unit) {
			idle += item.Monthly()
		}
	}
	write("# What it costs")
	write("")
	write("<!-- Made by terraform/cost: go test ./terraform/cost -update -->")
	write("")
	write("The environment [`hosted`](../terraform/environments/hosted/main.tf) as it stands costs about **%.0f USD a month**, %.0f of them without a single request.", total, idle)
	write("")
	write("List prices of %s in USD, as they were in %s: [check them](https://calculator.aws) before you rely on a line. No tax, no free tier, no savings plan.", Region, AsOf)
	write("The month that is assumed: %g million requests, %g million of which create a review, and %g GB each of reviews, of each log, and of answers.", millions, creates, gigabytes)
	write("")
	table(write, items)
	write("")
	write("## What an option adds")
	write("")
	table(write, Options())
	write("")
	write("Endpoints cost %.0f in place of the %.0f of NAT gateways, and let tasks reach nothing else.", InterfaceEndpoints*Zones*hours*0.012, Zones*hours*(0.052+0.005))
	write("The bucket of the [state](../terraform/bootstrap) costs cents. The hosted zone of the domain, which is there before, costs 0.50.")
	write("")
	write("## What a million requests cost in DynamoDB")
	write("")
	write("What each operation of the API costs, as measured, is [a page of its own](requests-cost.md). This is the most that it can be:")
	write("")
	write("At most, by [access pattern](access-patterns.md), while no item is larger than 1 KB: %g USD for a million read units, %g for a million write units.", ReadMillion, WriteMillion)
	write("")
	write("| access pattern | read units | write units | USD a million |")
	write("|---|---:|---:|---:|")
	for _, pattern := range store.AccessPatterns() {
		write("| %s | %g | %g | %.2f |", pattern.Name, pattern.MaxReadUnits, pattern.MaxWriteUnits, pattern.MaxReadUnits*ReadMillion+pattern.MaxWriteUnits*WriteMillion)
	}
	return page.String()
}

func table(write func(string, ...any), items []Item) {
	write("| | module | resource | quantity | USD each | USD a month |")
	write("|---|---|---|---:|---:|---:|")
	for _, item := range items {
		resource := ""
		if item.Resource != "" {
			resource = "`" + item.Resource + "`"
		}
		write("| %s | %s | %s | %.4g %s | %.4g | %.2f |", item.What, item.Module, resource, item.Quantity, item.Unit, item.Price, item.Monthly())
	}
}
