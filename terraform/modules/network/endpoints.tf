# What a task needs to start and to run: its image (ECR, whose layers lie in S3), its log,
# and its table. Nothing else of AWS is reached from the private subnets, and no NAT is
# needed for it. Credentials of the task's role come from ECS itself, not from STS.
#
# Each endpoint's policy lets this account alone through: credentials of another account,
# smuggled in, cannot carry data out.
locals {
  gateway_endpoints = {
    dynamodb = {
      actions   = ["dynamodb:*"]
      resources = ["arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/*"]
    }
    # AWS's own bucket with the layers of ECR. Its signed addresses are the credentials.
    s3 = {
      actions   = ["s3:GetObject"]
      resources = ["arn:${local.partition}:s3:::prod-${local.region}-starport-layer-bucket/*"]
    }
  }

  interface_endpoints = {
    "ecr.api" = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    "ecr.dkr" = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    "logs"    = ["logs:CreateLogStream", "logs:PutLogEvents"]
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_endpoints

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  route_table_ids   = values(aws_route_table.private)[*].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge({
      Sid       = "OwnAccountOnly"
      Effect    = "Allow"
      Principal = "*"
      Action    = each.value.actions
      Resource  = each.value.resources
      }, each.key == "s3" ? {} : {
      Condition = { StringEquals = { "aws:PrincipalAccount" = local.account } }
    })]
  })

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_endpoints

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  private_dns_enabled = true
  subnet_ids          = values(aws_subnet.private)[*].id
  security_group_ids  = [aws_security_group.endpoints.id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnAccountOnly"
      Effect    = "Allow"
      Principal = "*"
      Action    = each.value
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = local.account } }
    }]
  })

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Interface endpoints: HTTPS from the private subnets. Answers need no rule."
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the private subnets"
  cidr_ipv4         = cidrsubnet(var.cidr, 1, 1) # the upper half of the range
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
