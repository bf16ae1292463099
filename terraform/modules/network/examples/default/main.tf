provider "aws" {
  region = "eu-central-1"
}

module "network" {
  source = "../.."

  name = "falafel-example"
}

output "private_subnet_ids" {
  value = module.network.private_subnet_ids
}
