variable "bucket" {
  description = "Name of the bucket for Terraform's states. No other bucket in the world may have it."
  type        = string
  nullable    = false

  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket is 3 to 63 lower-case letters, digits and hyphens: with a dot, TLS does not fit the name."
  }
}

variable "region" {
  description = "Region of the bucket."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is one of AWS, such as eu-central-1."
  }
}

variable "repository" {
  description = "The repository on GitHub that deploys, as owner/name. Without it no roles are made."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the environment that GitHub deploys."
  type        = string
  default     = "falafel-hosted"
  nullable    = false
}

variable "zone_id" {
  description = "Route 53's hosted zone of that environment."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || var.zone_id != null
    error_message = "With a repository, zone_id has to say which hosted zone its workflows may change."
  }
}

variable "oidc_provider_arn" {
  description = "The account's identity provider for GitHub, where it has one already."
  type        = string
  default     = null
}
