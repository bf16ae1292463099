provider "aws" {
  region = "eu-central-1"
}

module "delivery" {
  source = "../.."

  name         = "falafel-example"
  repository   = "pretendfriend/falafel-api"
  state_bucket = "example-terraform-state"
  zone_id      = "Z0123456789ABCDEFGHIJ"
}

output "role_arns" {
  value = module.delivery.role_arns
}
