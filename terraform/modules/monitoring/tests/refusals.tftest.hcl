# What the module refuses to take.
mock_provider "aws" {}

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

run "a_namespace_of_aws_is_refused" {
  command = plan
  variables {
    metrics_namespace = "AWS/Falafel"
  }
  expect_failures = [var.metrics_namespace]
}

run "no_objectives_are_refused" {
  command = plan
  variables {
    slos = []
  }
  expect_failures = [var.slos]
}

run "a_window_beyond_a_day_is_refused" {
  command = plan
  variables {
    slos = [{
      name   = "availability", description = "Requests are answered.", target = 0.999, window_days = 30, runbook = "AvailabilityBudgetBurn"
      alarms = [{ severity = "ticket", window = "3d", long_seconds = 259200, short_seconds = 21600, max_error_ratio = 0.001, min_bad = 10 }]
    }]
  }
  expect_failures = [var.slos]
}
