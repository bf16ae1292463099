variable "connection_id" {
  type        = string
  description = "Such as aws_apigatewayv2_vpc_link.api.id."
}

variable "listener_arn" {
  type        = string
  description = "Such as aws_lb_listener.https.arn."
}

data "falafel_service" "api" {}

# For aws_apigatewayv2_api's body.
output "body" {
  value = provider::falafel::api_gateway(data.falafel_service.api.openapi, {
    connection_id   = var.connection_id
    integration_uri = var.listener_arn
    server_name     = "falafel.example.com"
  })
}
