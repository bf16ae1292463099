mock_provider "aws" {
  source = "./tests/mocks"
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
