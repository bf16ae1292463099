# All in which the rehearsal differs from hosted/main.tf. The endpoints of the stand-in come
# from AWS_ENDPOINT_URL.
locals {
  layout    = var.layout
  protected = var.protected
}

provider "aws" {
  s3_use_path_style       = true
  skip_metadata_api_check = true
  max_retries             = 2 # a request that the stand-in cannot answer would be repeated for minutes
}

resource "falafel_release" "api" {
  url     = var.url
  timeout = "3m"
}
