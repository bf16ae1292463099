mock_provider "aws" {}

variables {
  name = "falafel-test"
}

run "tags_are_immutable_and_images_are_scanned" {
  command = apply

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "A tag may be moved to another image."
  }
  assert {
    condition     = aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "Images are not scanned."
  }
  assert {
    condition     = !aws_ecr_repository.this.force_delete
    error_message = "A repository with images in it would be deleted."
  }
}

run "what_runs_is_never_expired" {
  command = apply

  variables {
    keep_releases = 50
  }

  assert {
    condition     = alltrue([for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : rule.selection.countNumber >= 50 if rule.selection.tagStatus != "untagged"])
    error_message = "A rule expires releases that are to be kept."
  }
  assert {
    condition     = alltrue([for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : rule.selection.tagStatus != "any" && (rule.selection.tagStatus == "untagged" || rule.selection.countType == "imageCountMoreThan")])
    error_message = "A rule expires releases by their age: one that has run for long would go."
  }
  assert {
    condition     = aws_ecr_lifecycle_policy.this.repository == aws_ecr_repository.this.name
    error_message = "The rules are those of another repository."
  }
}

run "too_few_releases_are_refused" {
  command = plan

  variables {
    keep_releases = 3
  }

  expect_failures = [var.keep_releases]
}

run "a_name_with_capitals_is_refused" {
  command = plan

  variables {
    name = "Falafel"
  }

  expect_failures = [var.name]
}
