mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_internet_calls_the_load_balancer" {
  command = plan

  assert {
    condition     = !aws_lb.this.internal && aws_lb.this.subnets == toset(var.network.public_subnet_ids)
    error_message = "The load balancer is not public."
  }

  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && aws_lb_listener.https.port == 443
    error_message = "There is no HTTPS listener."
  }

  assert {
    condition     = one(one(aws_lb_listener.http).default_action).type == "redirect"
    error_message = "HTTP is answered with something else than a redirect."
  }

  assert {
    condition     = output.url == "https://api.falafel.example"
    error_message = "The url is not HTTPS."
  }
}

run "the_metrics_are_not_public" {
  command = plan

  assert {
    condition     = aws_lb_target_group.this.port == 3000
    error_message = "The load balancer forwards to another port than the API's: the metrics would be public."
  }

  assert {
    condition     = toset([for rule in values(aws_vpc_security_group_ingress_rule.public) : rule.from_port]) == toset([80, 443])
    error_message = "The load balancer is open on another port than 80 and 443."
  }
}

run "what_the_firewall_lets_through" {
  command = plan

  assert {
    condition     = length(aws_wafv2_web_acl.this.rule) == 4
    error_message = "The web ACL has other rules than the rate and three managed groups."
  }

  assert {
    condition     = contains(flatten([for rule in aws_wafv2_web_acl.this.rule : [for statement in rule.statement : [for group in statement.managed_rule_group_statement : group.rule_action_override[*].name]]]), "SizeRestrictions_BODY")
    error_message = "Bodies beyond 8 KB are refused; the API takes 100 KB."
  }
}

run "api_gateway_hides_the_load_balancer" {
  command = plan
  variables {
    kind = "api_gateway"
  }

  assert {
    condition     = aws_lb.this.internal && length(aws_vpc_security_group_ingress_rule.public) == 0 && length(aws_lb_listener.http) == 0
    error_message = "The load balancer behind API Gateway is public."
  }

  assert {
    condition     = one(aws_apigatewayv2_api.this).disable_execute_api_endpoint
    error_message = "API Gateway can be called by another name than the domain."
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this.rule) == 3
    error_message = "The rate of API Gateway's own addresses is limited."
  }
}
