locals {
  balancer = { LoadBalancer = var.edge.load_balancer_suffix }
  target   = { LoadBalancer = var.edge.load_balancer_suffix, TargetGroup = var.edge.target_group_suffix }
  service  = { ClusterName = var.service.cluster_name, ServiceName = var.service.service_name }
  errors   = "${var.name}/log"

  # The pages for whoever is told of an alarm.
  runbooks = "https://github.com/pretendfriend/falafel-api/blob/main/docs/runbooks"

  # What is not promised to users, or what they would not be counted for: that requests fail or
  # take long is in slos.tf. Five minutes each, three of which must be bad: one retry of a client is no reason to wake
  # anyone. What is missing is not bad, except where it means that nothing runs.
  alarms = {
    edge-5xx = {
      runbook     = "LoadBalancerErrors"
      description = "The load balancer itself answers with errors: no task takes the request, or takes too long. Look at the targets' health."
      namespace   = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", dimensions = local.balancer
      statistic   = "Sum", comparison = "GreaterThanThreshold", threshold = 5, missing = "notBreaching"
    }
    unhealthy-targets = {
      runbook     = "ServiceDown"
      description = "Tasks run and do not answer their health check. Look at the last lines of their log."
      namespace   = "AWS/ApplicationELB", metric = "UnHealthyHostCount", dimensions = local.target
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 0, missing = "notBreaching"
    }
    no-healthy-target = {
      runbook     = "ServiceDown"
      description = "Nobody serves. Look at the events of the ECS service."
      namespace   = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.target
      statistic   = "Minimum", comparison = "LessThanThreshold", threshold = 1, missing = "breaching"
    }
    few-tasks = {
      runbook     = "ServiceDown"
      description = "Fewer than ${var.service.tasks.min} tasks run. Look at the events of the ECS service: is the image there, is there capacity?"
      namespace   = "ECS/ContainerInsights", metric = "RunningTaskCount", dimensions = local.service
      statistic   = "Minimum", comparison = "LessThanThreshold", threshold = var.service.tasks.min, missing = "breaching"
    }
    cpu = {
      runbook     = "CPUSaturated"
      description = "The tasks have no CPU left, and autoscaling has not helped: are there as many tasks as it may start?"
      namespace   = "AWS/ECS", metric = "CPUUtilization", dimensions = local.service
      statistic   = "Average", comparison = "GreaterThanThreshold", threshold = 85, missing = "notBreaching"
    }
    memory = {
      runbook     = "MemoryNearLimit"
      description = "A task comes near its limit of memory, beyond which it is killed. Give it more, and look for what is kept."
      namespace   = "AWS/ECS", metric = "MemoryUtilization", dimensions = local.service
      statistic   = "Maximum", comparison = "GreaterThanThreshold", threshold = 90, missing = "notBreaching"
    }
    log-errors = {
      runbook     = "ErrorsLogged"
      description = "The service logs errors. The query errors shows them."
      namespace   = local.errors, metric = "Errors", dimensions = {}
      statistic   = "Sum", comparison = "GreaterThanThreshold", threshold = 5, missing = "notBreaching"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} ${local.runbooks}/${each.value.runbook}.md"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Half of the alarms look at what the service writes to its log. The load balancer counts for
# itself: requests that went to the service, and were not counted by it, mean that this half
# is blind.
resource "aws_cloudwatch_metric_alarm" "blind" {
  alarm_name          = "${var.name}-metrics-missing"
  alarm_description   = "The load balancer hands out requests, and no metrics arrive from the service: alarms on objectives see nothing. ${local.runbooks}/MetricsMissing.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "missing"
    expression  = "IF(FILL(served, 0) > 10 AND FILL(counted, 0) == 0, 1, 0)"
    label       = "Requests, and no metrics"
    return_data = true
  }

  metric_query {
    id = "served"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      dimensions  = local.target
      period      = 300
      stat        = "Sum"
    }
  }

  metric_query {
    id = "counted"
    metric {
      namespace   = var.metrics_namespace
      metric_name = "Requests"
      period      = 300
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "${var.name}-errors"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "{ $.level = \"ERROR\" }"

  metric_transformation {
    namespace     = local.errors
    name          = "Errors"
    value         = "1"
    default_value = "0"
  }
}
