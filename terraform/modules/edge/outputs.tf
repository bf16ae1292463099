output "url" {
  description = "The public address. Known to others once the name leads to the load balancer, or to API Gateway."
  value       = "https://${var.domain}"
  depends_on  = [aws_route53_record.this, aws_lb_listener.https, aws_apigatewayv2_api_mapping.this, aws_wafv2_web_acl_association.this]
}

output "target_group_arn" {
  description = "Where tasks are registered. Known to others once a listener forwards to it: ECS refuses a service before."
  value       = aws_lb_target_group.this.arn
  depends_on  = [aws_lb_listener.https]
}

output "security_group_id" {
  description = "The load balancer: tasks let it in."
  value       = aws_security_group.this.id
}

output "load_balancer_suffix" {
  description = "The load balancer in metrics."
  value       = aws_lb.this.arn_suffix
}

output "target_group_suffix" {
  description = "The target group in metrics."
  value       = aws_lb_target_group.this.arn_suffix
}
