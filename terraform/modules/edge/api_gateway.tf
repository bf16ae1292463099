# kind api_gateway: the operations of the OpenAPI document, and no other path, through a VPC
# link to the load balancer, which is internal then.
resource "aws_apigatewayv2_api" "this" {
  count = local.gateway ? 1 : 0

  # Those of the document, which AWS takes over when it imports it.
  name          = jsondecode(var.facts.openapi).info.title
  version       = var.facts.version
  protocol_type = "HTTP"
  body = provider::falafel::api_gateway(var.facts.openapi, {
    connection_id   = aws_apigatewayv2_vpc_link.this[0].id
    integration_uri = aws_lb_listener.https.arn
    server_name     = var.domain
  })
  fail_on_warnings             = true
  disable_execute_api_endpoint = true # else clients could come by another name
}

resource "aws_apigatewayv2_vpc_link" "this" {
  count = local.gateway ? 1 : 0

  name               = var.name
  subnet_ids         = var.network.private_subnet_ids
  security_group_ids = [aws_security_group.link[0].id]
}

resource "aws_apigatewayv2_stage" "this" {
  count = local.gateway ? 1 : 0

  api_id      = aws_apigatewayv2_api.this[0].id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit    = var.throttle.rate
    throttling_burst_limit   = var.throttle.burst
    detailed_metrics_enabled = true
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.gateway[0].arn
    format = jsonencode({
      time      = "$context.requestTime"
      id        = "$context.requestId"
      address   = "$context.identity.sourceIp"
      route     = "$context.routeKey"
      status    = "$context.status"
      length    = "$context.responseLength"
      latency   = "$context.responseLatency"
      error     = "$context.integrationErrorMessage"
      userAgent = "$context.identity.userAgent"
    })
  }
}

resource "aws_cloudwatch_log_group" "gateway" {
  #checkov:skip=CKV_AWS_158:encrypted by CloudWatch Logs; a key of our own would guard what is deleted in weeks
  #checkov:skip=CKV_AWS_338:addresses of clients are kept no longer than they are of use
  count = local.gateway ? 1 : 0

  name              = "/${var.name}/api-gateway"
  retention_in_days = var.log_retention
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = local.gateway ? 1 : 0

  domain_name = var.domain

  domain_name_configuration {
    certificate_arn = aws_acm_certificate_validation.this.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = local.gateway ? 1 : 0

  api_id      = aws_apigatewayv2_api.this[0].id
  stage       = aws_apigatewayv2_stage.this[0].id
  domain_name = aws_apigatewayv2_domain_name.this[0].id
}

resource "aws_security_group" "link" {
  count = local.gateway ? 1 : 0

  name        = "${var.name}-link"
  description = "API Gateway on its way to the load balancer of ${var.name}"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-link" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "link" {
  count = local.gateway ? 1 : 0

  security_group_id            = aws_security_group.link[0].id
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  description                  = "The load balancer"
}

resource "aws_vpc_security_group_ingress_rule" "link" {
  count = local.gateway ? 1 : 0

  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = aws_security_group.link[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  description                  = "API Gateway"
}
