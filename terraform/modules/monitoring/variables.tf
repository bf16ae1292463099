variable "name" {
  description = "Prefix of the names of all resources, such as falafel-hosted."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name is 3 to 24 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "emails" {
  description = "Who is told of alarms and of the budget. Each has to confirm the subscription that AWS sends."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.emails) > 0 && alltrue([for email in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "emails are addresses, and one at least: an alarm that nobody gets is none."
  }

  validation {
    condition     = length(var.emails) <= 10
    error_message = "emails are ten at most: AWS Budgets tells no more."
  }
}

variable "monthly_budget" {
  description = "USD a month. The emails are told at 80 %, and when the forecast exceeds it."
  type        = number
  nullable    = false

  validation {
    condition     = var.monthly_budget > 0
    error_message = "monthly_budget is above 0."
  }
}

variable "log_retention" {
  description = "Days that the service's log is kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention)
    error_message = "log_retention is a number of days that CloudWatch Logs knows: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731."
  }
}

variable "service" {
  description = "What is watched: module.service."
  type        = object({ cluster_name = string, service_name = string, tasks = object({ min = number, max = number }) })
  nullable    = false
}

variable "edge" {
  description = "What is watched: module.edge."
  type        = object({ load_balancer_suffix = string, target_group_suffix = string })
  nullable    = false
}

variable "table_name" {
  description = "What is watched: the table."
  type        = string
  nullable    = false
}

variable "metrics_namespace" {
  description = "Namespace of the metrics that the service writes to its log: the same as module.service's."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/#:-]{1,255}$", var.metrics_namespace)) && !startswith(var.metrics_namespace, "AWS/")
    error_message = "metrics_namespace is 1 to 255 letters, digits and . - _ / # :, and does not begin with AWS/."
  }
}

variable "slos" {
  description = "What is promised to users: slos of data.falafel_service."
  type = list(object({
    name        = string
    description = string
    target      = number
    window_days = number
    runbook     = string
    alarms = list(object({
      severity        = string
      window          = string
      long_seconds    = number
      short_seconds   = number
      max_error_ratio = number
      min_bad         = number
    }))
  }))
  nullable = false

  validation {
    condition     = length(var.slos) > 0 && alltrue([for slo in var.slos : length(slo.alarms) > 0])
    error_message = "slos have one objective at least, and each has alarms: nobody would be told that the service fails."
  }

  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  validation {
    condition = alltrue(flatten([for slo in var.slos : [for alarm in slo.alarms : [for seconds in [alarm.long_seconds, alarm.short_seconds] :
    seconds >= 60 && seconds <= 86400 && seconds % 60 == 0]]]))
    error_message = "The windows of slos are minutes, and a day at most: CloudWatch's alarms look back no further."
  }
}
