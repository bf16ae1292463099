locals {
  region = data.aws_region.this.name
  widgets = [
    { title = "Requests a minute, by answer", stat = "Sum", metrics = [
      for class in ["2XX", "3XX", "4XX", "5XX"] : concat(["AWS/ApplicationELB", "HTTPCode_Target_${class}_Count"], flatten([for k, v in local.target : [k, v]]))
    ] },
    { title = "Seconds to answer", stat = "p99", metrics = [
      concat(["AWS/ApplicationELB", "TargetResponseTime"], flatten([for k, v in local.target : [k, v]]), [{ stat = "p50" }]),
      concat(["AWS/ApplicationELB", "TargetResponseTime"], flatten([for k, v in local.target : [k, v]]), [{ stat = "p99" }]),
    ] },
    { title = "Targets", stat = "Minimum", metrics = [
      for metric in ["HealthyHostCount", "UnHealthyHostCount"] : concat(["AWS/ApplicationELB", metric], flatten([for k, v in local.target : [k, v]]))
    ] },
    { title = "CPU and memory of the tasks, percent", stat = "Average", metrics = [
      for metric in ["CPUUtilization", "MemoryUtilization"] : concat(["AWS/ECS", metric], flatten([for k, v in local.service : [k, v]]))
    ] },
    { title = "Tasks", stat = "Average", metrics = [
      for metric in ["RunningTaskCount", "DesiredTaskCount"] : concat(["ECS/ContainerInsights", metric], flatten([for k, v in local.service : [k, v]]))
    ] },
    { title = "Errors in the log", stat = "Sum", metrics = [[local.errors, "Errors"]] },
    { title = "DynamoDB: units consumed a minute", stat = "Sum", metrics = [
      for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] : ["AWS/DynamoDB", metric, "TableName", var.table_name]
    ] },
    { title = "DynamoDB: throttled", stat = "Sum", metrics = [
      for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] : ["AWS/DynamoDB", metric, "TableName", var.table_name]
    ] },
  ]

  queries = {
    errors = "fields @timestamp, msg, error, request_id | filter level = \"ERROR\" | sort @timestamp desc | limit 100"
    starts = "fields @timestamp, @logStream, msg | filter msg in [\"serving\", \"stopping\", \"stopped\"] | sort @timestamp desc | limit 100"
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for index, widget in local.widgets : {
      type   = "metric"
      x      = 12 * (index % 2)
      y      = 6 * floor(index / 2)
      width  = 12
      height = 6
      properties = {
        title   = widget.title
        region  = local.region
        period  = 60
        stat    = widget.stat
        metrics = widget.metrics
      }
    }]
  })
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name}/${each.key}"
  log_group_names = [aws_cloudwatch_log_group.this.name]
  query_string    = each.value
}
