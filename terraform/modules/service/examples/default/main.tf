terraform {
  required_providers {
    falafel = {
      source  = "pretendfriend/falafel"
      version = "~> 1.0"
    }
  }
}

variable "layout" {
  type = string # the folder of `go run ./devenv image build`
}

data "falafel_service" "api" {}

module "network" {
  source = "../../../network"
  name   = "falafel-example"
}

module "edge" {
  source  = "../../../edge"
  name    = "falafel-example"
  domain  = "api.falafel.example"
  zone_id = "Z0123456789ABCDEFGHIJ"
  facts   = data.falafel_service.api
  network = module.network
}

module "registry" {
  source = "../../../registry"
  name   = "falafel-example"
}

module "database" {
  source = "../../../database"
  name   = "falafel-example"
  table  = data.falafel_service.api.table
}

resource "falafel_image" "api" {
  source     = var.layout
  repository = module.registry.repository_url
  tags       = ["1.0.0"] # the registry removes what has none
}

# 70 percent of the tasks, beyond the first, on Spot.
module "service" {
  source    = "../.."
  name      = "falafel-example"
  image     = falafel_image.api.reference
  release   = falafel_image.api.digest
  platforms = provider::falafel::layout(var.layout).platforms
  facts     = data.falafel_service.api
  registry  = module.registry
  network   = module.network
  database  = module.database
  edge      = module.edge
  log_group = { name = "/falafel-example/api", arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/falafel-example/api" }
  spot      = 70
}
