locals {
  alarm_actions = var.alarm_topic_arn[*]

  # The pages for whoever is told of an alarm.
  runbooks = "https://github.com/pretendfriend/falafel-api/blob/main/docs/runbooks"

  # The table and its indexes are throttled each for itself, and an index that is holds up
  # the writes of its table.
  throttled = merge(
    { table = { TableName = var.table.name } },
    { for index in keys(var.table.global_secondary_indexes) : "index-${index}" => { TableName = var.table.name, GlobalSecondaryIndexName = index } },
  )

  # DynamoDB counts its own errors by operation. These are all that read and write items,
  # and as many as one alarm may add up.
  operations = [
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem",
    "Query", "Scan", "TransactGetItems", "TransactWriteItems", "UpdateItem",
  ]
}

# The SDK repeats what was throttled, so that single events hurt nobody.
resource "aws_cloudwatch_metric_alarm" "throttled" {
  for_each = local.throttled

  alarm_name          = "${var.name}-dynamodb-throttled-${each.key}"
  alarm_description   = "DynamoDB throttles ${each.key} of ${var.table.name}: a key that everyone reads or writes, or a quota of the account. ${local.runbooks}/DynamoDBThrottled.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  metric_query {
    id          = "throttled"
    expression  = "SUM(METRICS())"
    label       = "Throttled requests"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        dimensions  = each.value
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "system_errors" {
  alarm_name          = "${var.name}-dynamodb-system-errors"
  alarm_description   = "DynamoDB answers for ${var.table.name} with errors of its own (500). ${local.runbooks}/DynamoDBUnavailable.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  metric_query {
    id          = "errors"
    expression  = "SUM(METRICS())"
    label       = "Errors of DynamoDB"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.operations
    content {
      id = "m${metric_query.key}"
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SystemErrors"
        dimensions  = { TableName = var.table.name, Operation = metric_query.value }
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

# Writers of one restaurant meet in its summary. They are repeated with jitter; that many
# for a quarter of an hour means that repeating no longer helps.
resource "aws_cloudwatch_metric_alarm" "conflicts" {
  alarm_name          = "${var.name}-dynamodb-conflicts"
  alarm_description   = "More than one transaction a second on ${var.table.name} meets another one: a restaurant has more writers than its summary takes. ${local.runbooks}/TransactionConflicts.md"
  namespace           = "AWS/DynamoDB"
  metric_name         = "TransactionConflict"
  dimensions          = { TableName = var.table.name }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 300
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}
