terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 6.0.0"
    }
    falafel = {
      source  = "pretendfriend/falafel"
      version = "~> 1.0"
    }
  }
}
