# An objective is in danger when its budget of bad requests burns too fast over a long window,
# and still does over a short one. The windows, the shares and the least number of bad requests
# are api/slo's, as are those of Prometheus' rules.
locals {
  # All metrics of an alarm have one period: each window has an alarm of its own, which tells
  # nobody. One bad request is enough for the short one.
  burns = merge(flatten([for slo in var.slos : [for alarm in slo.alarms : [
    for length, window in {
      long  = { period = alarm.long_seconds, min_bad = alarm.min_bad }
      short = { period = alarm.short_seconds, min_bad = 1 }
      } : { "${replace(slo.name, "_", "-")}-${alarm.window}-${length}" = {
        objective = slo.name
        budget    = alarm.max_error_ratio
        period    = window.period
        min_bad   = window.min_bad
        runbook   = slo.runbook
    } }
  ]]])...)

  # One for each objective and severity: who is told, is told once.
  broken = merge(flatten([for slo in var.slos : [for severity in distinct(slo.alarms[*].severity) : {
    "${replace(slo.name, "_", "-")}-${severity}" = {
      description = slo.description
      runbook     = slo.runbook
      burns       = [for alarm in slo.alarms : "${replace(slo.name, "_", "-")}-${alarm.window}" if alarm.severity == severity]
    }
  }]])...)
}

resource "aws_cloudwatch_metric_alarm" "burn" {
  for_each = local.burns

  alarm_name          = "${var.name}-slo-${each.key}"
  alarm_description   = "Tells nobody: it is a part of an alarm that looks at two windows. ${local.runbooks}/${each.value.runbook}.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.budget
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "ratio"
    expression  = "IF(bad >= ${each.value.min_bad}, bad / (bad + good), 0)"
    label       = "Share of bad requests"
    return_data = true
  }

  # The service writes both whenever it writes one.
  dynamic "metric_query" {
    for_each = { good = "SLORequestsGood", bad = "SLORequestsBad" }
    content {
      id = metric_query.key
      metric {
        namespace   = var.metrics_namespace
        metric_name = metric_query.value
        dimensions  = { Objective = each.value.objective }
        period      = each.value.period
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "objective" {
  for_each = local.broken

  alarm_name        = "${var.name}-slo-${each.key}"
  alarm_description = "Too many requests break what is promised: ${each.value.description} ${local.runbooks}/${each.value.runbook}.md"
  alarm_rule = join(" OR ", [for burn in each.value.burns :
    "(ALARM(\"${aws_cloudwatch_metric_alarm.burn["${burn}-long"].alarm_name}\") AND ALARM(\"${aws_cloudwatch_metric_alarm.burn["${burn}-short"].alarm_name}\"))"
  ])
  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}
