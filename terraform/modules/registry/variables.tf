variable "name" {
  description = "Name of the repository, such as falafel-hosted or falafel/api."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.name) >= 2 && length(var.name) <= 256 && can(regex("^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$", var.name))
    error_message = "name is 2 to 256 lower-case letters and digits, with single . _ - or / between them."
  }
}

variable "keep_releases" {
  description = "How many tagged images are kept: what runs, and what can be gone back to, must be among them."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.keep_releases >= 10 && var.keep_releases == floor(var.keep_releases)
    error_message = "keep_releases is a whole number from 10: with fewer, the image that runs might be expired."
  }
}
