provider "aws" {
  region = "eu-central-1"
}

module "network" {
  source = "../.."

  name               = "falafel-example"
  cidr               = "10.2.0.0/22"
  availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  nat                = true
}
