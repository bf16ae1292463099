mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  name         = "falafel-test"
  repository   = "pretendfriend/falafel-api"
  state_bucket = "test-terraform-state"
  zone_id      = "Z0123456789ABCDEFGHIJ"
}

run "each_role_trusts_its_own_workflows_and_nobody_else" {
  command = apply

  assert {
    condition = { for does, role in aws_iam_role.this : does => jsondecode(role.assume_role_policy).Statement } == {
      for does, subjects in {
        plan    = ["repo:pretendfriend/falafel-api:pull_request", "repo:pretendfriend/falafel-api:ref:refs/heads/main"]
        release = ["repo:pretendfriend/falafel-api:environment:hosted-release"]
        apply   = ["repo:pretendfriend/falafel-api:environment:hosted"]
        } : does => [{
          Effect    = "Allow"
          Action    = "sts:AssumeRoleWithWebIdentity"
          Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
          Condition = { StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = subjects
          } }
      }]
    }
    error_message = "A role trusts other workflows than its own."
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && tolist(aws_iam_openid_connect_provider.github[0].client_id_list) == tolist(["sts.amazonaws.com"])
    error_message = "GitHub's identity provider is not made, or is for others than AWS."
  }
}

run "what_a_plan_may_do_is_read_settings" {
  command = apply

  assert {
    condition = alltrue(flatten([
      for name, policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for action in flatten([statement.Action]) : contains(["s3:ListBucket", "s3:GetObject"], action)
        ] if statement.Effect == "Allow"
      ] if startswith(name, "plan-")
    ]))
    error_message = "A pull request could write."
  }
  assert {
    condition = alltrue([for role in ["plan", "apply"] : alltrue([
      for action in ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "logs:GetLogEvents", "secretsmanager:GetSecretValue"] :
      anytrue([for statement in jsondecode(aws_iam_role_policy.this["${role}-no-data"].policy).Statement : statement.Effect == "Deny" && statement.Action != "s3:GetObject*" && contains(flatten([statement.Action]), action)])
    ])])
    error_message = "A workflow could read what people wrote."
  }
}

run "only_named_roles_are_passed_and_changed" {
  command = apply

  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in flatten([try(statement.Resource, "*")]) : startswith(resource, "arn:aws:iam::123456789012:role/falafel-test-") || startswith(resource, "arn:aws:iam::123456789012:role/aws-service-role/")
        ] if statement.Effect == "Allow" && anytrue([for action in flatten([statement.Action]) : startswith(action, "iam:") || action == "*"])
      ]
    ]))
    error_message = "A workflow could use or change a role that is not the environment's."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [can(statement.Condition.StringEquals["iam:PassedToService"])]
        if statement.Effect == "Allow" && contains(flatten([statement.Action]), "iam:PassRole")
      ]
    ]))
    error_message = "A role could be passed to any service."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.this : !startswith(role.name, "falafel-test-")])
    error_message = "The role for apply could change itself."
  }
}

run "a_release_touches_one_service_one_repository_and_its_own_state" {
  command = apply

  assert {
    condition = alltrue(flatten([
      for name, policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for action in flatten([statement.Action]) : contains([
            "ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:ListTasks",
          ], action)
        ] if flatten([statement.Resource]) == tolist(["*"])
      ] if startswith(name, "release-")
    ]))
    error_message = "A release could reach beyond its service."
  }
  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.this["release-state"].policy).Statement : [
        for resource in flatten([statement.Resource]) : startswith(resource, "arn:aws:s3:::test-terraform-state/hosted/release/")
      ] if contains(flatten([statement.Action]), "s3:PutObject") || contains(flatten([statement.Action]), "s3:DeleteObject")
    ]))
    error_message = "A release could write the state of the environment."
  }
}

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
run "the_policies_of_a_role_fit_into_it" {
  command = apply

  variables {
    name         = "falafel-with-a-name-of-32-letter"
    state_bucket = "a-bucket-with-a-name-of-63-letters-and-digits-0000000000000000x"
  }

  assert {
    condition     = alltrue([for role in ["plan", "release", "apply"] : sum([for name, policy in aws_iam_role_policy.this : length(policy.policy) if startswith(name, "${role}-")]) <= 10240])
    error_message = "The inline policies of a role are longer than IAM takes."
  }
}

run "the_accounts_own_identity_provider_is_used" {
  command = apply

  variables {
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.oidc_provider_arn == var.oidc_provider_arn
    error_message = "A second identity provider is made, which AWS refuses."
  }
}

run "another_identity_provider_is_refused" {
  command = plan
  variables { oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.example.com" }
  expect_failures = [var.oidc_provider_arn]
}

run "a_wildcard_in_the_repository_is_refused" {
  command = plan
  variables { repository = "pretendfriend/*" }
  expect_failures = [var.repository]
}

run "an_owner_alone_is_refused" {
  command = plan
  variables { repository = "pretendfriend" }
  expect_failures = [var.repository]
}

run "a_repository_that_goes_on_as_a_subject_is_refused" {
  command = plan
  variables { repository = "pretendfriend/falafel-api:ref" }
  expect_failures = [var.repository]
}

run "a_wildcard_in_the_branch_is_refused" {
  command = plan
  variables { branch = "release/*" }
  expect_failures = [var.branch]
}

run "a_wildcard_in_the_environment_is_refused" {
  command = plan
  variables { environment = "*" }
  expect_failures = [var.environment]
}
