variable "name" {
  description = "Prefix of the names of all resources, such as falafel-hosted."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name is 3 to 24 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "cidr" {
  description = "Address range of the VPC: private (RFC 1918), /16 to /24. It is cut into eight equal parts, of which six are used."
  type        = string
  default     = "10.1.0.0/24"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try("${cidrhost(var.cidr, 0)}/${split("/", var.cidr)[1]}" == var.cidr, false)
    error_message = "cidr is the first address of an IPv4 range and its length, such as 10.1.0.0/24."
  }

  validation {
    # A load balancer needs a /27 in each zone: the eighth part of a /24.
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr is between /16 and /24: a VPC takes no more, and a load balancer needs a /27 in each zone."
  }

  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", var.cidr))
    error_message = "cidr is a private range: of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }
}

variable "availability_zones" {
  description = "The three zones, by name. By default the region's first three, by their names."
  type        = list(string)
  default     = null

  validation {
    condition     = var.availability_zones == null || try(length(var.availability_zones) == 3 && length(distinct(var.availability_zones)) == 3, false)
    error_message = "availability_zones are three different zones: two subnets in one zone fail together."
  }

  validation {
    condition     = alltrue([for zone in coalesce(var.availability_zones, []) : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", zone))])
    error_message = "availability_zones are names such as eu-central-1a; Local Zones and Wavelength Zones have no interface endpoints."
  }
}

variable "nat" {
  description = "Whether tasks reach the internet, through a NAT gateway in each zone. AWS's own services are reached without."
  type        = bool
  default     = false
  nullable    = false
}

variable "flow_log_retention" {
  description = "Days that the flow log is kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.flow_log_retention)
    error_message = "flow_log_retention is a number of days that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731."
  }
}
