mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
}

variables {
  name           = "falafel-test"
  emails         = ["operations@falafel.example"]
  monthly_budget = 100
  service        = { cluster_name = "falafel-test", service_name = "falafel-test", tasks = { min = 2, max = 6 } }
  edge           = { load_balancer_suffix = "app/falafel-test/1", target_group_suffix = "targetgroup/falafel-test/1" }
  table_name     = "falafel-test-reviews"
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

run "nobody_to_tell_is_refused" {
  command = plan
  variables {
    emails = []
  }
  expect_failures = [var.emails]
}

run "an_address_that_is_none_is_refused" {
  command = plan
  variables {
    emails = ["operations"]
  }
  expect_failures = [var.emails]
}

run "no_budget_is_refused" {
  command = plan
  variables {
    monthly_budget = 0
  }
  expect_failures = [var.monthly_budget]
}

run "a_retention_that_aws_does_not_know_is_refused" {
  command = plan
  variables {
    log_retention = 31
  }
  expect_failures = [var.log_retention]
}
