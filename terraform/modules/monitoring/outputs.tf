output "alarm_topic_arn" {
  description = "Where alarms go. Known to others once it may be written to."
  value       = aws_sns_topic.alarms.arn
  depends_on  = [aws_sns_topic_policy.alarms]
}

output "log_group" {
  description = "Where the service's log goes."
  value       = { name = aws_cloudwatch_log_group.this.name, arn = aws_cloudwatch_log_group.this.arn }
}
