mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_resource "aws_sns_topic" {
    defaults        = { arn = "arn:aws:sns:eu-central-1:123456789012:falafel-test-alarms" }
    override_during = plan
  }
}

run "every_alarm_says_what_to_do" {
  command = plan

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : length(alarm.alarm_description) > 40])
    error_message = "An alarm has no description."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["few-tasks"].threshold == 2
    error_message = "The alarm on missing tasks does not know how many there are at least."
  }

  assert {
    condition = alltrue([for name in ["no-healthy-target", "few-tasks"] :
    aws_cloudwatch_metric_alarm.this[name].treat_missing_data == "breaching"])
    error_message = "When nothing runs, nothing is measured: that must be an alarm."
  }
}

run "every_alarm_names_its_page" {
  command = plan

  assert {
    condition = alltrue([for description in concat(
      values(aws_cloudwatch_metric_alarm.this)[*].alarm_description,
      values(aws_cloudwatch_metric_alarm.burn)[*].alarm_description,
      values(aws_cloudwatch_composite_alarm.objective)[*].alarm_description,
      [aws_cloudwatch_metric_alarm.blind.alarm_description],
    ) : can(regex(" https://github.com/pretendfriend/falafel-api/blob/main/docs/runbooks/[A-Za-z]+\\.md$", description))])
    error_message = "An alarm leads to no runbook."
  }
}

run "an_objective_is_watched_over_two_windows" {
  command = plan

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.burn : key => [alarm.threshold, one([for query in alarm.metric_query : query.expression if query.return_data == true])] } == {
      read-latency-1h-long  = [0.144, "IF(bad >= 10, bad / (bad + good), 0)"]
      read-latency-1h-short = [0.144, "IF(bad >= 1, bad / (bad + good), 0)"]
      read-latency-6h-long  = [0.06, "IF(bad >= 10, bad / (bad + good), 0)"]
      read-latency-6h-short = [0.06, "IF(bad >= 1, bad / (bad + good), 0)"]
      read-latency-1d-long  = [0.03, "IF(bad >= 10, bad / (bad + good), 0)"]
      read-latency-1d-short = [0.03, "IF(bad >= 1, bad / (bad + good), 0)"]
    }
    error_message = "The alarms of an objective have other windows, shares or expressions than it says."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.burn : key => join(" ", distinct(flatten([for query in alarm.metric_query : query.metric[*].period]))) } == {
      read-latency-1h-long  = "3600"
      read-latency-1h-short = "300"
      read-latency-6h-long  = "21600"
      read-latency-6h-short = "1800"
      read-latency-1d-long  = "86400"
      read-latency-1d-short = "7200"
    }
    error_message = "A window is not the period of both its metrics."
  }

  assert {
    condition = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.burn) : toset([
      for query in alarm.metric_query : "${query.id}: ${query.metric[0].namespace} ${query.metric[0].metric_name} ${query.metric[0].dimensions["Objective"]} ${query.metric[0].stat}" if length(query.metric) == 1
    ]) == toset(["good: falafel-test SLORequestsGood read_latency Sum", "bad: falafel-test SLORequestsBad read_latency Sum"])])
    error_message = "An alarm reads other metrics than the service writes for its objective."
  }

  assert {
    condition = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.burn) :
    alarm.treat_missing_data == "notBreaching" && alarm.evaluation_periods == 1 && alarm.comparison_operator == "GreaterThanThreshold" && length(alarm.alarm_actions == null ? [] : alarm.alarm_actions) == 0])
    error_message = "A window alone must tell nobody, and no traffic is no alarm."
  }
}

run "both_windows_tell" {
  command = plan

  assert {
    condition = { for key, alarm in aws_cloudwatch_composite_alarm.objective : key => alarm.alarm_rule } == {
      read-latency-page   = "(ALARM(\"falafel-test-slo-read-latency-1h-long\") AND ALARM(\"falafel-test-slo-read-latency-1h-short\")) OR (ALARM(\"falafel-test-slo-read-latency-6h-long\") AND ALARM(\"falafel-test-slo-read-latency-6h-short\"))"
      read-latency-ticket = "(ALARM(\"falafel-test-slo-read-latency-1d-long\") AND ALARM(\"falafel-test-slo-read-latency-1d-short\"))"
    }
    error_message = "An objective does not tell when both windows are bad, and only then."
  }
}

run "whoever_is_told_is_told_by_all" {
  command = plan

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.blind], values(aws_cloudwatch_composite_alarm.objective)) :
    alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn])])
    error_message = "An alarm tells nobody."
  }
}

run "the_alarms_know_when_they_are_blind" {
  command = plan

  assert {
    condition = toset([for query in aws_cloudwatch_metric_alarm.blind.metric_query :
      "${query.id}: ${query.metric[0].namespace} ${query.metric[0].metric_name} ${query.metric[0].period}" if length(query.metric) == 1
    ]) == toset(["served: AWS/ApplicationELB RequestCount 300", "counted: falafel-test Requests 300"])
    error_message = "What the load balancer hands out is not compared with what the service counts."
  }
}

run "the_dashboard_shows_what_is_left" {
  command = plan

  assert {
    condition = contains(flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [
      for metric in widget.properties.metrics : try(metric[0].expression, "")
    ]]), "100 * (1 - bad0 / (bad0 + good0) / 0.010000)")
    error_message = "The dashboard does not show what is left of an error budget."
  }

  assert {
    condition = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
    widget.x + widget.width <= 24 && length(widget.properties.metrics) > 0])
    error_message = "A widget of the dashboard is empty, or beside the page."
  }
}

run "the_filter_counts_what_the_service_writes" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_metric_filter.errors.pattern == "{ $.level = \"ERROR\" }"
    error_message = "slog writes level ERROR."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["log-errors"].namespace == one(aws_cloudwatch_log_metric_filter.errors.metric_transformation).namespace
    error_message = "The alarm watches another metric than the filter makes."
  }
}
