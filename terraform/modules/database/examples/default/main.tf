terraform {
  required_providers {
    falafel = {
      source  = "pretendfriend/falafel"
      version = "~> 1.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

data "falafel_service" "api" {
  table_name = "falafel-example"
}

module "database" {
  source = "../.."

  name  = "falafel-example"
  table = data.falafel_service.api.table
}
