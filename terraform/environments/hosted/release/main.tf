# A release of the environment "hosted": its image and its rollout, with a state of its
# own. What the names stand for is made by ../main.tf; this never plans it.
locals {
  name       = "falafel-hosted"
  account    = "123456789012"
  region     = "eu-central-1"
  url        = "https://api.falafel.example"
  repository = "${local.account}.dkr.ecr.${local.region}.amazonaws.com/${local.name}"
  layout     = "${path.root}/../../../../.falafel/image"
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    falafel = { source = "pretendfriend/falafel", version = "~> 1.0" }
  }
  backend "s3" { # bucket and region: terraform init -backend-config=…
    key          = "hosted/release/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

resource "falafel_image" "api" {
  source     = local.layout
  repository = local.repository
  tags       = ["release-${substr(provider::falafel::layout(local.layout).digest, 7, 12)}"]
}

resource "falafel_release" "api" {
  url     = local.url
  release = falafel_image.api.digest
  cluster = "arn:aws:ecs:${local.region}:${local.account}:cluster/${local.name}"
  service = local.name
  image   = falafel_image.api.reference
}
