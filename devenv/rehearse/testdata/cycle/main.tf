# The graph of the earlier project: what runs is looked up in the registry that the same
# apply makes. Nothing can be there yet.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100.0, < 6.0.0" }
  }
}

provider "aws" {
  skip_metadata_api_check = true
  max_retries             = 2
}

resource "aws_ecr_repository" "api" {
  name         = "falafel-cycle"
  force_delete = true # a rehearsal of destroying is elsewhere
}

data "aws_ecr_image" "api" {
  repository_name = aws_ecr_repository.api.name
  image_tag       = "latest"
}

resource "aws_ecs_task_definition" "api" {
  family = "falafel-cycle"
  container_definitions = jsonencode([{
    name   = "api"
    image  = "${aws_ecr_repository.api.repository_url}@${data.aws_ecr_image.api.image_digest}"
    memory = 512
  }])
}
