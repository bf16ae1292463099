# Beside a copy of hosted/main.tf, this and rehearsal_override.tf make the environment that
# `go run ./devenv rehearse` applies to the stand-in for AWS.
variable "url" {
  type = string # of the public address: AWS's load balancer is not there
}

variable "layout" {
  type = string # the folder of the image that is promoted
}

variable "protected" {
  type = bool # whether what holds data is protected against deletion
}
