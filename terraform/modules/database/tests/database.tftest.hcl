mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/reviews" }
  }
}

variables {
  name = "falafel-test"
  table = {
    name          = "reviews"
    billing_mode  = "PAY_PER_REQUEST"
    partition_key = "pk"
    sort_key      = "sk"
    attributes    = { pk = "S", sk = "S", newest_pk = "S", rank = "N" }
    global_secondary_indexes = {
      newest = { partition_key = "newest_pk", sort_key = "sk", projection_type = "ALL" }
      ranked = { partition_key = "newest_pk", sort_key = "rank", projection_type = "INCLUDE", non_key_attributes = ["average"] }
    }
    time_to_live_attribute = "expires_at"
  }
}

run "the_table_is_what_the_service_defines" {
  command = apply

  assert {
    condition     = aws_dynamodb_table.this.name == "reviews" && aws_dynamodb_table.this.hash_key == "pk" && aws_dynamodb_table.this.range_key == "sk"
    error_message = "The table has another name or other keys."
  }
  assert {
    condition     = tomap({ for attribute in aws_dynamodb_table.this.attribute : attribute.name => attribute.type }) == var.table.attributes
    error_message = "The table has other attributes."
  }
  assert {
    condition = { for index in aws_dynamodb_table.this.global_secondary_index : index.name => [index.hash_key, index.range_key, index.projection_type] } == {
      newest = ["newest_pk", "sk", "ALL"]
      ranked = ["newest_pk", "rank", "INCLUDE"]
    }
    error_message = "The table has other indexes."
  }
  assert {
    condition     = aws_dynamodb_table.this.ttl[0].enabled && aws_dynamodb_table.this.ttl[0].attribute_name == "expires_at"
    error_message = "Items do not expire."
  }
  assert {
    condition     = output.index_arns["ranked"] == "arn:aws:dynamodb:eu-central-1:123456789012:table/reviews/index/ranked"
    error_message = "The ARN of an index is wrong."
  }
}

run "the_table_outlives_mistakes" {
  command = apply

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "The table can be deleted."
  }
  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled
    error_message = "The table cannot be brought back."
  }
}

run "each_index_has_an_alarm_and_the_topic_is_told" {
  command = apply

  variables {
    alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.throttled)) == toset(["table", "index-newest", "index-ranked"])
    error_message = "The table or an index is throttled without an alarm."
  }
  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.throttled), [aws_cloudwatch_metric_alarm.system_errors, aws_cloudwatch_metric_alarm.conflicts]) :
      alarm.alarm_actions == toset([var.alarm_topic_arn]) && alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "An alarm tells nobody, or rings while nothing happens."
  }
  assert {
    condition     = length([for query in aws_cloudwatch_metric_alarm.system_errors.metric_query : query if length(query.metric) > 0]) <= 10
    error_message = "An alarm adds up more than ten metrics, which CloudWatch refuses."
  }
}

run "no_topic_and_no_expiry_are_fine" {
  command = apply

  variables {
    deletion_protection = false
    table = {
      name                     = "plain"
      billing_mode             = "PAY_PER_REQUEST"
      partition_key            = "pk"
      attributes               = { pk = "S" }
      global_secondary_indexes = {}
    }
  }

  assert {
    condition     = length(aws_dynamodb_table.this.ttl) == 0 && length(aws_cloudwatch_metric_alarm.conflicts.alarm_actions) == 0
    error_message = "A table without expiry, or alarms without a topic, are not what they should be."
  }
}

run "planned_capacity_is_refused" {
  command = plan

  variables {
    table = {
      name                     = "plain"
      billing_mode             = "PROVISIONED"
      partition_key            = "pk"
      attributes               = { pk = "S" }
      global_secondary_indexes = {}
    }
  }

  expect_failures = [var.table]
}

run "a_key_without_an_attribute_is_refused" {
  command = plan

  variables {
    table = {
      name                     = "plain"
      billing_mode             = "PAY_PER_REQUEST"
      partition_key            = "pk"
      sort_key                 = "sk"
      attributes               = { pk = "S" }
      global_secondary_indexes = {}
    }
  }

  expect_failures = [var.table]
}

run "an_attribute_that_is_no_key_is_refused" {
  command = plan

  variables {
    table = {
      name                     = "plain"
      billing_mode             = "PAY_PER_REQUEST"
      partition_key            = "pk"
      attributes               = { pk = "S", comment = "S" }
      global_secondary_indexes = {}
    }
  }

  expect_failures = [var.table]
}

run "an_index_that_includes_nothing_is_refused" {
  command = plan

  variables {
    table = {
      name                     = "plain"
      billing_mode             = "PAY_PER_REQUEST"
      partition_key            = "pk"
      attributes               = { pk = "S", by = "S" }
      global_secondary_indexes = { by = { partition_key = "by", projection_type = "INCLUDE" } }
    }
  }

  expect_failures = [var.table]
}
