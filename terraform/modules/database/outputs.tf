output "table_name" {
  description = "The table's name."
  value       = aws_dynamodb_table.this.name
}

output "table_arn" {
  description = "For IAM policies."
  value       = aws_dynamodb_table.this.arn
}

output "index_arns" {
  description = "For IAM policies: the ARN of each index, by its name."
  value       = { for index in keys(var.table.global_secondary_indexes) : index => "${aws_dynamodb_table.this.arn}/index/${index}" }
}
