locals {
  region = data.aws_region.this.name
  budget = { for slo in var.slos : slo.name => format("%.6f", 1 - slo.target) }

  # A ratio is made of two metrics that are not drawn.
  counted = concat([for index, slo in var.slos : [
    for id, metric in { good = "SLORequestsGood", bad = "SLORequestsBad" } :
    [var.metrics_namespace, metric, "Objective", slo.name, { id = "${id}${index}", visible = false, stat = "Sum" }]
  ]]...)

  widgets = [
    { title = "Error budgets of ${var.slos[0].window_days} days: percent left", stat = "Sum", metrics = concat(local.counted, [
      for index, slo in var.slos : [{ id = "left${index}", label = slo.name, expression = "100 * (1 - bad${index} / (bad${index} + good${index}) / ${local.budget[slo.name]})" }]
    ]), properties = { view = "singleValue", start = "-P${var.slos[0].window_days}D", end = "P0D", setPeriodToTimeRange = true } },
    { title = "How fast they burn, by the hour: at 1 they last ${var.slos[0].window_days} days", stat = "Sum", metrics = concat(local.counted, [
      for index, slo in var.slos : [{ id = "burn${index}", label = slo.name, expression = "bad${index} / (bad${index} + good${index}) / ${local.budget[slo.name]}" }]
    ]), properties = { period = 3600 } },
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
    { title = "The service: requests a minute", stat = "Sum", metrics = [
      for metric in ["Requests", "ServerErrors", "IdempotencyReplays", "ReviewsWritten"] : [var.metrics_namespace, metric]
    ] },
    { title = "The service: milliseconds to answer", stat = "p99", metrics = [
      for stat in ["p50", "p95", "p99"] : [var.metrics_namespace, "RequestDuration", { stat = stat, label = stat }]
    ] },
    { title = "The service: requests in flight", stat = "Maximum", metrics = [[var.metrics_namespace, "RequestsInFlight"]] },
    { title = "The service: calls of DynamoDB a minute", stat = "Sum", metrics = [
      for metric in ["DynamoDBCalls", "DynamoDBRetries", "DynamoDBThrottles", "TransactionConflicts"] : [var.metrics_namespace, metric]
    ] },
    { title = "The service: units of DynamoDB for a request", stat = "Sum", metrics = concat(
      [for id, metric in { requests = "Requests", reads = "ReadUnits", writes = "WriteUnits" } : [var.metrics_namespace, metric, { id = id, visible = false }]],
      [for kind in ["read", "write"] : [{ id = kind, label = "${kind} units", expression = "${kind}s / requests" }]],
    ) },
    { title = "The service: log lines left out", stat = "Sum", metrics = [[var.metrics_namespace, "LogLinesDropped"]] },
  ]

  queries = {
    errors   = "fields @timestamp, msg, error, request_id | filter level = \"ERROR\" | sort @timestamp desc | limit 100"
    failures = "filter msg = \"request\" and status >= 500 | stats count() as failed, earliest(@timestamp), latest(@timestamp), latest(request_id) by route, status | sort failed desc"
    slow     = "filter msg = \"request\" and status < 500 | stats count() as requests, pct(duration_ms, 50) as p50, pct(duration_ms, 99) as p99, max(duration_ms) by method, route | sort p99 desc"
    starts   = "fields @timestamp, @logStream, msg | filter msg in [\"serving\", \"stopping\", \"stopped\"] | sort @timestamp desc | limit 100"
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
      properties = merge({
        title   = widget.title
        region  = local.region
        period  = 60
        stat    = widget.stat
        metrics = widget.metrics
      }, try(widget.properties, {}))
    }]
  })
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name}/${each.key}"
  log_group_names = [aws_cloudwatch_log_group.this.name]
  query_string    = each.value
}
