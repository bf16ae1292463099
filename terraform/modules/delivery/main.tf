data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = var.oidc_provider_arn != null ? var.oidc_provider_arn : aws_iam_openid_connect_provider.github[0].arn

  # What a workflow is, as GitHub signs it. A pull request from a fork gets no token. GitHub
  # lets a job into an environment only after the protection that is set up there.
  # https://docs.github.com/actions/concepts/security/openid-connect#example-subject-claims
  subjects = {
    plan    = ["repo:${var.repository}:pull_request", "repo:${var.repository}:ref:refs/heads/${var.branch}"]
    release = ["repo:${var.repository}:environment:${var.environment}-release"]
    apply   = ["repo:${var.repository}:environment:${var.environment}"]
  }
}

# AWS knows the issuer's certificate authority: it takes no thumbprint.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each = local.subjects

  # Not "${var.name}-…", which is what the role for apply may change.
  name                 = "delivery-${var.name}-${each.key}"
  description          = "GitHub Actions of ${var.repository}: ${each.key} ${var.name}."
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        # Equal, and not like: no subject has a wildcard.
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = each.value
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.policies

  name   = each.key
  role   = aws_iam_role.this[each.value.role].name
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}

# A plan reads the settings of everything; what people wrote is not part of them.
resource "aws_iam_role_policy_attachment" "read" {
  for_each = toset(["plan", "apply"])

  role       = aws_iam_role.this[each.value].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/ReadOnlyAccess"
}
