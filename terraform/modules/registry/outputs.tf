output "repository_url" {
  description = "Where images are pushed to and pulled from: host and name."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "For IAM policies."
  value       = aws_ecr_repository.this.arn
}

output "repository_name" {
  description = "The name alone."
  value       = aws_ecr_repository.this.name
}
