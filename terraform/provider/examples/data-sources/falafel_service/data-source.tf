data "falafel_service" "api" {
  table_name = "hosted-reviews"
}

# The table, as the service's Go code defines it.
resource "aws_dynamodb_table" "reviews" {
  name         = data.falafel_service.api.table.name
  billing_mode = data.falafel_service.api.table.billing_mode
  hash_key     = data.falafel_service.api.table.partition_key
  range_key    = data.falafel_service.api.table.sort_key

  dynamic "attribute" {
    for_each = data.falafel_service.api.table.attributes
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = data.falafel_service.api.table.global_secondary_indexes
    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.partition_key
      range_key          = global_secondary_index.value.sort_key
      projection_type    = global_secondary_index.value.projection_type
      non_key_attributes = global_secondary_index.value.non_key_attributes
    }
  }

  ttl {
    attribute_name = data.falafel_service.api.table.time_to_live_attribute
    enabled        = true
  }
}

# What its tasks may do there, and nothing else.
data "aws_iam_policy_document" "task" {
  statement {
    actions   = data.falafel_service.api.permissions.table
    resources = [aws_dynamodb_table.reviews.arn]
  }

  dynamic "statement" {
    for_each = data.falafel_service.api.permissions.indexes
    content {
      actions   = statement.value
      resources = ["${aws_dynamodb_table.reviews.arn}/index/${statement.key}"]
    }
  }
}
