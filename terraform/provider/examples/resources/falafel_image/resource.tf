variable "layout" {
  type        = string
  description = "Where `go run ./devenv image build` put the image."
}

variable "repository" {
  type        = string
  description = "Such as aws_ecr_repository.api.repository_url."
}

resource "falafel_image" "api" {
  source     = var.layout
  repository = var.repository
  tags       = ["latest"]
}

# What a task definition runs: registry/repository@sha256:…
output "image" {
  value = falafel_image.api.reference
}

output "revision" {
  value = falafel_image.api.annotations["org.opencontainers.image.revision"]
}
