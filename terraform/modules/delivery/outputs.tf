output "role_arns" {
  description = "The roles by what they do: plan, release, apply. They are GitHub's variables PLAN_ROLE, RELEASE_ROLE and APPLY_ROLE."
  value       = { for does, role in aws_iam_role.this : does => role.arn }
}

output "oidc_provider_arn" {
  description = "GitHub's identity provider, for a second environment in the account."
  value       = local.provider_arn
}
