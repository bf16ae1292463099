data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  gateway = var.kind == "api_gateway"
  account = data.aws_caller_identity.this.account_id
  region  = data.aws_region.this.name
  aws     = data.aws_partition.this.partition
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = local.gateway #checkov:skip=CKV2_AWS_20:HTTP is redirected to HTTPS by aws_lb_listener.http
  subnets                    = local.gateway ? var.network.private_subnet_ids : var.network.public_subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = var.deletion_protection

  # Shorter than the API keeps its own (75 s), or a request would be sent on a connection
  # that is being closed; longer than its longest answer.
  idle_timeout = 60

  access_logs {
    bucket  = aws_s3_bucket.logs.bucket
    enabled = true
  }

  # AWS tries to write when the load balancer is made.
  depends_on = [aws_s3_bucket_policy.logs, aws_s3_bucket_server_side_encryption_configuration.logs]
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  vpc_id               = var.network.vpc_id
  target_type          = "ip"
  protocol             = "HTTP" #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; its way to the tasks is inside the VPC, from one security group to the other
  port                 = var.facts.ports.api
  deregistration_delay = var.facts.deregistration_delay

  # Two tasks of very different age share the work better so.
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = var.facts.health.path
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    postcondition {
      condition     = self.port != var.facts.ports.metrics
      error_message = "The load balancer forwards to the metrics."
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = aws_acm_certificate_validation.this.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  lifecycle {
    postcondition {
      condition     = self.protocol == "HTTPS" && try(length(self.certificate_arn) > 0, false)
      error_message = "The listener has no certificate."
    }
  }
}

resource "aws_lb_listener" "http" {
  count = local.gateway ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-edge"
  description = "The load balancer of ${var.name}: the module service lets it out to its tasks"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-edge" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = local.gateway ? {} : { https = 443, http = 80 }

  security_group_id = aws_security_group.this.id
  cidr_ipv4         = "0.0.0.0/0" #checkov:skip=CKV_AWS_260:port 80 answers with a redirect to HTTPS and nothing else
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  description       = "${each.key}, from everywhere"
}

resource "aws_shield_protection" "this" {
  count = var.shield ? 1 : 0

  name         = var.name
  resource_arn = aws_lb.this.arn
}
