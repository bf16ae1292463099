variable "layout" {
  type        = string
  description = "Where `go run ./devenv image build` put the image."
}

locals {
  image = provider::falafel::layout(var.layout)
  arm   = local.image.platforms["linux/arm64"]
}

output "digest" {
  value = local.image.digest

  precondition {
    condition     = !startswith(local.arm.user, "0") && contains(local.arm.ports, 3000)
    error_message = "The image runs as root, or does not expose the port of the load balancer's target group."
  }
}
