resource "aws_security_group" "this" {
  name        = "${var.name}-tasks"
  description = "Tasks of ${var.name}: called by the edge alone, and let out to AWS alone"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-tasks" }

  lifecycle {
    create_before_destroy = true
  }
}

# Both halves of the one way in. The port of the metrics has none.
resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.edge.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.facts.ports.api
  to_port                      = var.facts.ports.api
  description                  = "The API, from the load balancer"
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  security_group_id            = var.edge.security_group_id
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.facts.ports.api
  to_port                      = var.facts.ports.api
  description                  = "The API, to its tasks"
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.network.endpoint_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  description                  = "ECR and CloudWatch Logs, through their endpoints"
}

resource "aws_vpc_security_group_egress_rule" "prefix_lists" {
  for_each = {
    dynamodb = var.network.dynamodb_prefix_list_id
    s3       = var.network.s3_prefix_list_id
  }

  security_group_id = aws_security_group.this.id
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "${each.key}, through its gateway endpoint"
}

# Both halves of the way to a collector of traces.
locals {
  collectors = var.collector == null ? {} : { collector = tonumber(regex(":([0-9]+)/?$", var.collector.endpoint)[0]) }
}

resource "aws_vpc_security_group_egress_rule" "collector" {
  for_each = local.collectors

  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.collector.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  description                  = "Traces, to their collector"
}

resource "aws_vpc_security_group_ingress_rule" "collector" {
  for_each = local.collectors

  security_group_id            = var.collector.security_group_id
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  description                  = "Traces, from the tasks of ${var.name}"
}
