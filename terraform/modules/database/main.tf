resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:Reviews are public; a key of AWS's own costs nothing and cannot be lost, and the change to a customer key needs no downtime
  name                        = var.table.name
  billing_mode                = var.table.billing_mode
  hash_key                    = var.table.partition_key
  range_key                   = var.table.sort_key
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = var.table.attributes
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.table.global_secondary_indexes
    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.partition_key
      range_key          = global_secondary_index.value.sort_key
      projection_type    = global_secondary_index.value.projection_type
      non_key_attributes = global_secondary_index.value.non_key_attributes
    }
  }

  dynamic "ttl" {
    for_each = var.table.time_to_live_attribute[*]
    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  # To any second of the last 35 days, which cost no more than one.
  point_in_time_recovery {
    enabled = true
  }
}
