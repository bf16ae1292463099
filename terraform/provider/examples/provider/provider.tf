terraform {
  required_version = ">= 1.11"

  required_providers {
    falafel = {
      source  = "pretendfriend/falafel"
      version = "~> 1.0"
    }
  }
}
