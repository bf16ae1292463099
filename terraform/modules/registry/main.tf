locals {
  # The days that a push may take, with all its retries.
  untagged_days = 14
}

resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:Images hold no secrets; a customer key costs more, makes every pull depend on KMS, and cannot be changed later
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false # what runs is pulled from here

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

# An image of several platforms is an index with a tag, and a manifest without one for each
# platform. ECR expires no manifest that an index still refers to, so that the first rule
# meets leftovers alone: of pushes that broke off, and of indexes that the second rule
# expired. That holds as long as each release has a tag.
resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Leftovers without a tag, after ${local.untagged_days} days"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = local.untagged_days
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Releases, all but the last ${var.keep_releases}"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = var.keep_releases
        }
        action = { type = "expire" }
      },
    ]
  })
}
