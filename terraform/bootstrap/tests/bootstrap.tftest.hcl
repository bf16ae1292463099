mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  bucket = "test-terraform-state"
  region = "eu-central-1"
}

# Plans alone: what is applied here could not be destroyed.
run "a_state_is_kept_with_all_its_versions_and_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "A state that was overwritten is lost."
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "States are not encrypted."
  }
  assert {
    condition     = !aws_s3_bucket.state.force_destroy
    error_message = "The bucket could be destroyed with the states in it."
  }
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.state.rule : alltrue([for e in rule.noncurrent_version_expiration : e.newer_noncurrent_versions >= 20])])
    error_message = "A rule of the bucket expires states that are needed."
  }
}

run "nothing_is_public" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state.block_public_acls,
      aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.ignore_public_acls,
      aws_s3_bucket_public_access_block.state.restrict_public_buckets,
      one(aws_s3_bucket_ownership_controls.state.rule).object_ownership == "BucketOwnerEnforced",
    ])
    error_message = "A state could be made public."
  }
}

run "only_tls_reaches_it" {
  command = plan

  assert {
    condition = alltrue([
      for condition in [{ Bool = { "aws:SecureTransport" = "false" } }, { NumericLessThan = { "s3:TlsVersion" = "1.2" } }] :
      anytrue([
        for statement in jsondecode(aws_s3_bucket_policy.state.policy).Statement :
        statement.Effect == "Deny" && statement.Principal == "*" && statement.Action == "s3:*" && jsonencode(statement.Condition) == jsonencode(condition) &&
        tolist(statement.Resource) == tolist(["arn:aws:s3:::test-terraform-state", "arn:aws:s3:::test-terraform-state/*"])
      ])
    ])
    error_message = "Connections without TLS, or with an old one, reach the states."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.state.policy).Statement : statement.Effect == "Deny"])
    error_message = "The bucket's policy allows something."
  }
}

run "roles_are_made_for_a_repository" {
  command = plan
  variables {
    repository = "pretendfriend/falafel-api"
    zone_id    = "Z0123456789ABCDEFGHIJ"
  }
  assert {
    condition     = length(module.delivery) == 1
    error_message = "GitHub's workflows have no roles."
  }
}

run "and_else_not" {
  command = plan
  assert {
    condition     = length(module.delivery) == 0
    error_message = "Somebody's workflows are trusted, though nobody asked for it."
  }
}

run "a_repository_without_a_zone_is_refused" {
  command = plan
  variables { repository = "pretendfriend/falafel-api" }
  expect_failures = [var.zone_id]
}

run "a_bucket_with_a_dot_is_refused" {
  command = plan
  variables { bucket = "falafel.state" }
  expect_failures = [var.bucket]
}

run "a_region_that_is_none_is_refused" {
  command = plan
  variables { region = "Frankfurt" }
  expect_failures = [var.region]
}
