variable "name" {
  description = "Prefix of the alarms' names, such as falafel-hosted. The table's own name is table.name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name is 3 to 24 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "table" {
  description = "The table, as the service defines it: data.falafel_service.….table."
  type = object({
    name          = string
    billing_mode  = string
    partition_key = string
    sort_key      = optional(string)
    attributes    = map(string)
    global_secondary_indexes = map(object({
      partition_key      = string
      sort_key           = optional(string)
      projection_type    = string
      non_key_attributes = optional(set(string))
    }))
    time_to_live_attribute = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table.name))
    error_message = "table.name is 3 to 255 letters, digits, underscores, hyphens and dots."
  }

  validation {
    condition     = var.table.billing_mode == "PAY_PER_REQUEST"
    error_message = "table.billing_mode is PAY_PER_REQUEST: this module plans no capacity, and scales none."
  }

  validation {
    condition = toset(keys(var.table.attributes)) == toset(compact(flatten([
      var.table.partition_key, var.table.sort_key,
      [for index in values(var.table.global_secondary_indexes) : [index.partition_key, index.sort_key]],
    ])))
    error_message = "table.attributes are exactly the attributes that are keys of the table or of an index: DynamoDB knows no others."
  }

  validation {
    condition     = alltrue([for type in values(var.table.attributes) : contains(["S", "N", "B"], type)])
    error_message = "table.attributes have the types S, N or B."
  }

  validation {
    condition     = alltrue([for index in values(var.table.global_secondary_indexes) : contains(["ALL", "KEYS_ONLY", "INCLUDE"], index.projection_type)])
    error_message = "An index of the table has a projection_type that is not ALL, KEYS_ONLY or INCLUDE."
  }

  validation {
    condition     = alltrue([for index in values(var.table.global_secondary_indexes) : (index.projection_type == "INCLUDE") == (length(coalesce(index.non_key_attributes, [])) > 0)])
    error_message = "An index of the table has non_key_attributes exactly when its projection_type is INCLUDE."
  }

  validation {
    condition     = length(var.table.global_secondary_indexes) <= 20
    error_message = "A table has at most 20 global secondary indexes."
  }
}

variable "deletion_protection" {
  description = "Whether DynamoDB refuses to delete the table, whoever asks."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told of alarms. Without one they are shown, and nobody is told."
  type        = string
  default     = null
}
