provider "aws" {
  region = "eu-central-1"
}

module "registry" {
  source = "../.."

  name = "falafel-example"
}

output "repository_url" {
  value = module.registry.repository_url
}
