variable "name" {
  description = "Prefix of the names of all resources, such as falafel-hosted."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name is 3 to 24 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "kind" {
  description = "What the internet calls: load_balancer, or api_gateway with the load balancer behind it."
  type        = string
  default     = "load_balancer"
  nullable    = false

  validation {
    condition     = contains(["load_balancer", "api_gateway"], var.kind)
    error_message = "kind is load_balancer or api_gateway."
  }
}

variable "domain" {
  description = "The public name, such as api.example.com."
  type        = string
  nullable    = false

  validation {
    # 64: as much as ACM takes for a certificate's first name.
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain)) && length(var.domain) <= 64
    error_message = "domain is a name such as api.example.com: lower case, at most 64 characters, without https:// and without a path."
  }
}

variable "zone_id" {
  description = "Route 53's public hosted zone of the domain."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Z0-9]{8,32}$", var.zone_id))
    error_message = "zone_id is the id of a hosted zone, such as Z0123456789ABCDEFGHIJ."
  }
}

variable "facts" {
  description = "What the service says of itself: data.falafel_service.…."
  type = object({
    ports                = object({ api = number, metrics = number })
    health               = object({ path = string })
    deregistration_delay = number
    openapi              = string
    version              = string
    routes               = list(object({ method = string, path = string }))
  })
  nullable = false

  validation {
    condition     = var.facts.ports.api != var.facts.ports.metrics
    error_message = "The metrics have the port of the API: they would be public."
  }

  validation {
    condition     = contains(var.facts.routes[*].path, var.facts.health.path)
    error_message = "The health check asks for a path that the API has not."
  }
}

variable "network" {
  description = "Where the load balancer stands: module.network."
  type = object({
    vpc_id             = string
    availability_zones = list(string)
    public_subnet_ids  = list(string)
    private_subnet_ids = list(string)
  })
  nullable = false

  validation {
    condition     = length(distinct(var.network.availability_zones)) >= 2
    error_message = "A load balancer needs two different zones at least."
  }

  validation {
    condition = alltrue([
      for subnets in [var.network.public_subnet_ids, var.network.private_subnet_ids] :
      length(subnets) == length(distinct(var.network.availability_zones))
    ])
    error_message = "A load balancer takes one subnet of each zone: network has another number of subnets than of different zones."
  }
}

variable "rate_limit" {
  description = "Requests in five minutes from one address, beyond which it gets 403. Not with api_gateway, which hides the address."
  type        = number
  default     = 6000
  nullable    = false

  validation {
    condition     = var.rate_limit >= 100 && var.rate_limit <= 2000000000 && floor(var.rate_limit) == var.rate_limit
    error_message = "rate_limit is a whole number from 100 to 2,000,000,000."
  }
}

variable "throttle" {
  description = "Requests a second of all clients together, and how many at once, beyond which API Gateway answers 429. For kind api_gateway."
  type        = object({ rate = number, burst = number })
  default     = { rate = 500, burst = 1000 }
  nullable    = false

  validation {
    condition     = var.throttle.rate > 0 && var.throttle.burst > 0
    error_message = "throttle.rate and throttle.burst are above 0."
  }
}

variable "shield" {
  description = "Whether Shield Advanced guards the load balancer: 3,000 USD a month, and the account must have subscribed to it."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !(var.shield && var.kind == "api_gateway")
    error_message = "Shield Advanced guards what the internet calls; it does not know API Gateway: take kind load_balancer."
  }
}

variable "log_retention" {
  description = "Days that access logs and the firewall's log are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention)
    error_message = "log_retention is a number of days that CloudWatch Logs knows: 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731."
  }
}

variable "deletion_protection" {
  description = "Whether the load balancer, and access logs that are left, refuse to be deleted."
  type        = bool
  default     = true
  nullable    = false
}
