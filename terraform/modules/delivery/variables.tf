variable "name" {
  description = "Begins the names of all that the environment makes, such as falafel-hosted. What the roles may change is limited to these names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}[a-z0-9]$", var.name))
    error_message = "name is 4 to 32 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "repository" {
  description = "The repository on GitHub, as owner/name, with the capitals that it has there. It alone is trusted."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}$", var.repository))
    error_message = "repository is owner/name of one repository: a wildcard would trust others, too."
  }
}

variable "branch" {
  description = "The branch whose commits may be planned, beside pull requests."
  type        = string
  default     = "main"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.branch))
    error_message = "branch is the name of one branch, without a wildcard."
  }
}

variable "environment" {
  description = "The folder in terraform/environments. GitHub's environment of this name may apply it; the one with -release behind the name may release."
  type        = string
  default     = "hosted"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.environment))
    error_message = "environment is lower-case letters, digits and hyphens, without a wildcard."
  }
}

variable "state_bucket" {
  description = "Name of the bucket that holds Terraform's state."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket is the name of one bucket, without a wildcard."
  }
}

variable "zone_id" {
  description = "The hosted zone of Route 53 that records may be changed in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Z0-9]{8,32}$", var.zone_id))
    error_message = "zone_id is the id of one hosted zone, such as Z0123456789ABCDEFGHIJ."
  }
}

variable "oidc_provider_arn" {
  description = "The account's identity provider for GitHub, where it has one: there can be only one. Else it is made."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.oidc_provider_arn))
    error_message = "oidc_provider_arn is the ARN of the provider for token.actions.githubusercontent.com."
  }
}
