output "cluster_name" {
  description = "The cluster's name."
  value       = aws_ecs_cluster.this.name
}

output "cluster_arn" {
  description = "The cluster, with its region: for falafel_release."
  value       = aws_ecs_cluster.this.arn
}

output "service_name" {
  description = "The service's name."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "What falafel_release rolls out."
  value       = aws_ecs_task_definition.this.arn
}

output "security_group_id" {
  description = "The tasks."
  value       = aws_security_group.this.id
}

output "task_role_arn" {
  description = "For iam:PassRole of who releases."
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  description = "For iam:PassRole of who releases."
  value       = aws_iam_role.execution.arn
}

output "tasks" {
  description = "How many tasks run: at least, and at most."
  value       = var.tasks
}
