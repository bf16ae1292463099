mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1c", "eu-central-1a", "eu-central-1d", "eu-central-1b"] }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:flow" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow" }
  }
}

variables {
  name = "falafel-test"
}

run "three_public_and_three_private_subnets_without_nat" {
  command = apply

  assert {
    condition     = values(aws_subnet.public)[*].availability_zone == ["eu-central-1a", "eu-central-1b", "eu-central-1c"] && values(aws_subnet.private)[*].availability_zone == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    error_message = "The subnets are not in the region's first three zones."
  }
  assert {
    condition     = values(aws_subnet.public)[*].cidr_block == ["10.1.0.0/27", "10.1.0.32/27", "10.1.0.64/27"] && values(aws_subnet.private)[*].cidr_block == ["10.1.0.128/27", "10.1.0.160/27", "10.1.0.192/27"]
    error_message = "The subnets do not have their eighths of the range."
  }
  assert {
    condition     = alltrue([for key, subnet in aws_subnet.public : aws_route_table_association.public[key].subnet_id == subnet.id && aws_route_table_association.public[key].route_table_id == aws_route_table.public.id])
    error_message = "A public subnet is not routed by the public table."
  }
  assert {
    condition     = alltrue([for key, subnet in aws_subnet.private : aws_route_table_association.private[key].subnet_id == subnet.id && aws_route_table_association.private[key].route_table_id == aws_route_table.private[key].id])
    error_message = "A private subnet is not routed by the private table of its zone."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && alltrue([for table in aws_route_table.private : length(table.route) == 0])
    error_message = "There is a way out of the private subnets without nat."
  }
  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.gateway : endpoint.route_table_ids == toset(values(aws_route_table.private)[*].id)])
    error_message = "A gateway endpoint is missing in a private route table."
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == toset(["ecr.api", "ecr.dkr", "logs"]) && alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled && endpoint.subnet_ids == toset(values(aws_subnet.private)[*].id)])
    error_message = "An interface endpoint is missing in a zone, or does not answer under AWS's own name."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.1.0.128/25" && aws_vpc_security_group_ingress_rule.endpoints.from_port == 443 && aws_vpc_security_group_ingress_rule.endpoints.to_port == 443
    error_message = "The endpoints are open to more than HTTPS from the private subnets."
  }
  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group lets something through."
  }
  assert {
    condition = alltrue([for endpoint in concat(values(aws_vpc_endpoint.interface), [aws_vpc_endpoint.gateway["dynamodb"]]) :
      alltrue([for statement in jsondecode(endpoint.policy).Statement : statement.Condition.StringEquals["aws:PrincipalAccount"] == "123456789012"])
    ])
    error_message = "Another account's credentials pass an endpoint."
  }
}

run "a_nat_gateway_in_each_zone" {
  command = apply

  variables {
    nat = true
  }

  assert {
    condition     = alltrue([for key, table in aws_route_table.private : [for route in table.route : route.nat_gateway_id] == [aws_nat_gateway.this[key].id]])
    error_message = "A private subnet does not leave by the NAT gateway of its zone."
  }
  assert {
    condition     = alltrue([for key, gateway in aws_nat_gateway.this : gateway.subnet_id == aws_subnet.public[key].id])
    error_message = "A NAT gateway is not in the public subnet of its zone."
  }
}

run "zones_of_choice" {
  command = plan

  variables {
    availability_zones = ["eu-central-1d", "eu-central-1a", "eu-central-1b"]
  }

  assert {
    condition     = output.availability_zones == ["eu-central-1d", "eu-central-1a", "eu-central-1b"]
    error_message = "The zones that were asked for are not taken."
  }
}

run "one_zone_for_two_subnets_is_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a", "eu-central-1a", "eu-central-1b"]
  }

  expect_failures = [var.availability_zones]
}

run "two_zones_are_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a", "eu-central-1b"]
  }

  expect_failures = [var.availability_zones]
}

run "a_local_zone_is_refused" {
  command = plan

  variables {
    availability_zones = ["us-west-2a", "us-west-2b", "us-west-2-lax-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "a_zone_of_another_region_is_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a", "eu-central-1b", "us-east-1a"]
  }

  expect_failures = [data.aws_availability_zones.region]
}

run "a_region_with_two_zones_is_refused" {
  command = plan

  override_data {
    target = data.aws_availability_zones.region
    values = { names = ["us-west-1a", "us-west-1b", "us-west-1a"] }
  }

  expect_failures = [data.aws_availability_zones.region]
}

run "a_public_range_is_refused" {
  command = plan

  variables {
    cidr = "8.8.8.0/24"
  }

  expect_failures = [var.cidr]
}

run "a_range_with_host_bits_is_refused" {
  command = plan

  variables {
    cidr = "10.1.0.1/24"
  }

  expect_failures = [var.cidr]
}

run "a_range_too_small_for_a_load_balancer_is_refused" {
  command = plan

  variables {
    cidr = "10.1.0.0/25"
  }

  expect_failures = [var.cidr]
}

run "a_range_too_large_for_a_vpc_is_refused" {
  command = plan

  variables {
    cidr = "10.0.0.0/15"
  }

  expect_failures = [var.cidr]
}

run "a_name_with_capitals_is_refused" {
  command = plan

  variables {
    name = "Falafel"
  }

  expect_failures = [var.name]
}

run "a_retention_that_cloudwatch_does_not_know_is_refused" {
  command = plan

  variables {
    flow_log_retention = 31
  }

  expect_failures = [var.flow_log_retention]
}
