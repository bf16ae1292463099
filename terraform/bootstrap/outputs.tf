output "bucket" {
  description = "For -backend-config=bucket=, and GitHub's variable STATE_BUCKET."
  value       = aws_s3_bucket.state.bucket
}

output "role_arns" {
  description = "GitHub's variables PLAN_ROLE, RELEASE_ROLE and APPLY_ROLE."
  value       = one(module.delivery[*].role_arns)
}
