terraform {
  required_providers {
    falafel = {
      source  = "pretendfriend/falafel"
      version = "~> 1.0"
    }
  }
}

data "falafel_service" "api" {}

module "network" {
  source = "../../../network"
  name   = "falafel-example"
}

module "edge" {
  source  = "../../../edge"
  name    = "falafel-example"
  kind    = "api_gateway"
  domain  = "api.falafel.example"
  zone_id = "Z0123456789ABCDEFGHIJ"
  facts   = data.falafel_service.api
  network = module.network
}
