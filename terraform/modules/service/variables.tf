variable "name" {
  description = "Name of the cluster, the service and the family of task definitions, and prefix of all else."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name is 3 to 24 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "image" {
  description = "The image by its digest: falafel_image.….reference."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image is repository@sha256:…: a tag may name another image tomorrow."
  }
}

variable "release" {
  description = "What the service calls its release, and falafel_release waits for: the image's digest."
  type        = string
  nullable    = false
}

# tflint-ignore: terraform_unused_declarations # it is there to be checked: a wrong image is refused when planning
variable "platforms" {
  description = "What the image is made for: provider::falafel::layout(…).platforms."
  type        = map(object({ user = string, ports = list(number) }))
  nullable    = false

  validation {
    condition     = contains(keys(var.platforms), var.architecture == "ARM64" ? "linux/arm64" : "linux/amd64")
    error_message = "The image is not made for the architecture ${var.architecture}: it has ${join(", ", keys(var.platforms))}."
  }

  validation {
    condition     = alltrue([for platform in values(var.platforms) : contains(platform.ports, var.facts.ports.api)])
    error_message = "The image does not expose port ${var.facts.ports.api}, where the load balancer calls it."
  }

  validation {
    condition     = alltrue([for platform in values(var.platforms) : platform.user == var.facts.user])
    error_message = "The image does not run as user ${var.facts.user}."
  }
}

variable "facts" {
  description = "What the service says of itself: data.falafel_service.…."
  type = object({
    ports                = object({ api = number, metrics = number })
    health               = object({ command = list(string) })
    environment          = map(object({ type = string }))
    permissions          = object({ table = set(string), indexes = map(set(string)) })
    stop_timeout         = number
    deregistration_delay = number
    user                 = string
    release_variable     = string
  })
  nullable = false

  validation {
    condition     = var.facts.ports.api != var.facts.ports.metrics
    error_message = "The metrics have the port of the API: they would be public."
  }

  validation {
    condition     = !contains(["0", "root"], split(":", var.facts.user)[0])
    error_message = "The service runs as root."
  }

  validation {
    condition     = var.facts.stop_timeout + local.shutdown_delay <= 120
    error_message = "Fargate kills a task 120 s after SIGTERM: stop_timeout must leave ${local.shutdown_delay} s of it to FALAFEL_SHUTDOWN_DELAY."
  }
}

variable "registry" {
  description = "Where the image is: module.registry."
  type        = object({ repository_arn = string })
  nullable    = false
}

variable "network" {
  description = "Where tasks run, and what they are let out to: module.network."
  type = object({
    vpc_id                     = string
    private_subnet_ids         = list(string)
    endpoint_security_group_id = string
    dynamodb_prefix_list_id    = string
    s3_prefix_list_id          = string
  })
  nullable = false

  validation {
    condition     = length(var.network.private_subnet_ids) >= 2
    error_message = "network.private_subnet_ids are at least two, in different zones."
  }
}

variable "database" {
  description = "The table: module.database."
  type        = object({ table_name = string, table_arn = string, index_arns = map(string) })
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.facts.permissions.indexes), keys(var.database.index_arns))) == 0
    error_message = "The service queries an index that the table does not have."
  }
}

variable "edge" {
  description = "Who calls the tasks: module.edge."
  type = object({
    target_group_arn     = string
    security_group_id    = string
    load_balancer_suffix = string
    target_group_suffix  = string
  })
  nullable = false
}

variable "log_group" {
  description = "Where the log goes: module.monitoring.log_group."
  type        = object({ name = string, arn = string })
  nullable    = false
}

variable "cpu" {
  description = "CPU units of a task: 1024 are one vCPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = contains(keys(local.fargate), tostring(var.cpu))
    error_message = "cpu is 256, 512, 1024, 2048, 4096, 8192 or 16384: Fargate has no other sizes."
  }
}

variable "memory" {
  description = "Memory of a task, in MiB."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = contains(lookup(local.fargate, tostring(var.cpu), []), var.memory)
    error_message = "Fargate has no task with cpu ${var.cpu} and memory ${var.memory}; with this cpu, memory is one of ${join(", ", lookup(local.fargate, tostring(var.cpu), []))}."
  }
}

variable "architecture" {
  description = "ARM64 or X86_64."
  type        = string
  default     = "ARM64"
  nullable    = false

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "architecture is ARM64 or X86_64."
  }
}

variable "tasks" {
  description = "How many tasks run: at least, and at most."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }
  nullable    = false

  validation {
    condition     = var.tasks.min >= 1 && var.tasks.min <= var.tasks.max && floor(var.tasks.min) == var.tasks.min && floor(var.tasks.max) == var.tasks.max
    error_message = "tasks.min is a whole number from 1, and tasks.max one that is not below it."
  }
}

variable "spot" {
  description = "Percent of the tasks, beyond the first, that run on Fargate Spot: 70 % cheaper, and stopped when AWS needs the place."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.spot >= 0 && var.spot <= 100 && floor(var.spot) == var.spot
    error_message = "spot is a whole number from 0 to 100."
  }
}

variable "environment" {
  description = "Environment variables of the service, beside those that this module sets."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.environment), keys(var.facts.environment))) == 0
    error_message = "The service does not know ${join(", ", setsubtract(keys(var.environment), keys(var.facts.environment)))}."
  }

  validation {
    condition     = length(setintersection(keys(var.environment), local.own)) == 0
    error_message = "This module sets ${join(", ", setintersection(keys(var.environment), local.own))} itself: a port, a table or a time to stop that others rely on."
  }

  validation {
    condition = alltrue([for name, value in var.environment : can(regex({
      string   = "."
      bool     = "^(true|false)$"
      duration = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"
      address  = "^.*:[0-9]+$"
      list     = "."
    }[try(var.facts.environment[name].type, "string")], value))])
    error_message = "A value of environment is not of its variable's type: a bool is true or false, a duration is such as 1m30s."
  }
}

variable "metrics_namespace" {
  description = "Namespace in CloudWatch of the metrics that the service writes into its log; null: none. The module monitoring reads them."
  type        = string
  default     = null

  validation {
    condition     = var.metrics_namespace == null || can(regex("^[A-Za-z0-9._/#-][A-Za-z0-9._/#:-]{0,254}$", var.metrics_namespace)) && !startswith(coalesce(var.metrics_namespace, " "), "AWS/")
    error_message = "metrics_namespace is one of CloudWatch: up to 255 letters, digits and ._/#:-, the first not a colon, and not AWS/…, which is AWS's own."
  }
}

variable "collector" {
  description = "Who takes traces, by OTLP over HTTP: a collector of yours in the VPC, its security group, and the share of traces that are kept of those that begin here; null: no traces."
  type        = object({ endpoint = string, security_group_id = string, share = optional(number, 1) })
  default     = null

  validation {
    condition     = var.collector == null || can(regex("^https?://[^/:@]+:[0-9]+/?$", var.collector.endpoint))
    error_message = "collector.endpoint is http://HOST:PORT or https://HOST:PORT, such as http://collector.internal:4318."
  }

  validation {
    condition     = var.collector == null || try(var.collector.share >= 0 && var.collector.share <= 1, false)
    error_message = "collector.share is from 0 to 1."
  }
}
