# The region's zones are not something we make: this is read at plan time, in an empty
# account too. Not filtered by state: a zone with trouble must not be planned away.
data "aws_availability_zones" "region" {
  #checkov:skip=CKV_AWS_394:The first three by name are taken, and a zone that AWS adds sorts behind them; availability_zones pins others
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
  filter {
    name   = "zone-type"
    values = ["availability-zone"]
  }

  lifecycle {
    postcondition {
      condition     = length(distinct(self.names)) >= 3
      error_message = "This region has fewer than three availability zones: choose another."
    }
    postcondition {
      condition     = length(setsubtract(coalesce(var.availability_zones, []), self.names)) == 0
      error_message = "availability_zones has a zone that this region has not, or that the account has not opted in to."
    }
  }
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  zone_names = coalesce(var.availability_zones, slice(sort(data.aws_availability_zones.region.names), 0, 3))

  # The keys are written here, so that they are known before anything exists. The lower
  # half of the range is public and the upper half private; an eighth of each is left.
  zones = { for index, key in ["1", "2", "3"] : key => {
    name    = local.zone_names[index]
    public  = cidrsubnet(var.cidr, 3, index)
    private = cidrsubnet(var.cidr, 3, 4 + index)
  } }

  # A route that is written as an attribute names all that it might have.
  route = {
    carrier_gateway_id         = null
    cidr_block                 = null
    core_network_arn           = null
    destination_prefix_list_id = null
    egress_only_gateway_id     = null
    gateway_id                 = null
    ipv6_cidr_block            = null
    local_gateway_id           = null
    nat_gateway_id             = null
    network_interface_id       = null
    transit_gateway_id         = null
    vpc_endpoint_id            = null
    vpc_peering_connection_id  = null
  }

  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # interface endpoints answer under AWS's own names

  tags = { Name = var.name }
}

# Closed: a security group that someone forgot to name lets nothing through.
resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.this.id
  ingress = []
  egress  = []

  tags = { Name = "${var.name}-closed" }
}

# Network ACLs know no connections: an answer is a packet like any other, and comes to a
# port from 1024 up. S3 and DynamoDB answer from public addresses, behind their gateway
# endpoints too. So the ACL is left open, as AWS makes it, and security groups decide. It
# is written down so that a rule that someone adds by hand shows in the next plan.
resource "aws_default_network_acl" "open" {
  #checkov:skip=CKV_AWS_229:An ACL that closes ports from 1024 up cuts answers off, and nothing listens below them; security groups decide
  #checkov:skip=CKV_AWS_230:As CKV_AWS_229
  #checkov:skip=CKV_AWS_231:As CKV_AWS_229; 3389 is a port that answers come to
  #checkov:skip=CKV_AWS_232:As CKV_AWS_229
  default_network_acl_id = aws_vpc.this.default_network_acl_id
  subnet_ids             = concat(values(aws_subnet.public)[*].id, values(aws_subnet.private)[*].id)

  ingress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no    = 100
    protocol   = "-1"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  tags = { Name = "${var.name}-open" }

  lifecycle {
    postcondition {
      condition = alltrue([for rules in [self.ingress, self.egress] :
        alltrue([for rule in rules : rule.action == "allow"]) &&
        anytrue([for rule in rules : rule.cidr_block == "0.0.0.0/0" && (
          rule.protocol == "-1" || contains(["6", "tcp"], rule.protocol) && rule.from_port <= 1024 && rule.to_port == 65535
        )])
      ])
      error_message = "The network ACL cuts answers off: TCP from and to ports 1024 to 65535 of any address must be allowed in both directions, and denied by no rule."
    }
  }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.value.name
  cidr_block        = each.value.public

  tags = { Name = "${var.name}-public-${each.value.name}" }
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.value.name
  cidr_block        = each.value.private

  tags = { Name = "${var.name}-private-${each.value.name}" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

# The routes are inside their tables and not resources of their own: one that someone adds
# by hand is then a difference, and the next plan removes it.
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }

  tags = { Name = "${var.name}-public" }

  lifecycle {
    postcondition {
      condition     = [for route in self.route : route.gateway_id if route.cidr_block == "0.0.0.0/0"] == [aws_internet_gateway.this.id]
      error_message = "The public subnets' way out leads nowhere: 0.0.0.0/0 must go to the internet gateway."
    }
  }
}

# One for each zone, so that a zone's tasks leave by their own zone's NAT gateway.
resource "aws_route_table" "private" {
  for_each = local.zones

  vpc_id = aws_vpc.this.id

  # As an attribute: without a block, Terraform would leave alone whatever is there.
  route = [for gateway in var.nat ? [aws_nat_gateway.this[each.key].id] : [] :
    merge(local.route, { cidr_block = "0.0.0.0/0", nat_gateway_id = gateway })
  ]

  tags = { Name = "${var.name}-private-${each.value.name}" }

  lifecycle {
    postcondition {
      condition     = alltrue([for route in self.route : route.gateway_id == "" || route.gateway_id == null])
      error_message = "A private subnet has a route to an internet gateway: it would be public."
    }
    postcondition {
      condition     = [for route in self.route : route.nat_gateway_id if route.cidr_block == "0.0.0.0/0"] == [for key, gateway in aws_nat_gateway.this : gateway.id if key == each.key]
      error_message = "A private subnet's way out leads nowhere: with nat it goes to the NAT gateway of its zone, without nat there is none."
    }
  }
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_eip" "nat" {
  for_each = var.nat ? local.zones : {}

  domain = "vpc"

  tags = { Name = "${var.name}-nat-${each.value.name}" }
}

resource "aws_nat_gateway" "this" {
  for_each = var.nat ? local.zones : {}

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.name}-${each.value.name}" }

  # A NAT gateway is of use once its own subnet has a way out.
  depends_on = [aws_route_table_association.public]

  lifecycle {
    precondition {
      condition     = aws_subnet.public[each.key].availability_zone == aws_subnet.private[each.key].availability_zone
      error_message = "A NAT gateway and the subnet that uses it are in different zones: they would fail together, and every byte would be paid for."
    }
    postcondition {
      condition     = contains(values(aws_subnet.public)[*].id, self.subnet_id)
      error_message = "A NAT gateway outside of the public subnets leads nowhere."
    }
  }
}
