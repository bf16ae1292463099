output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Its address range."
  value       = aws_vpc.this.cidr_block
}

output "availability_zones" {
  description = "The three zones, in the order of the subnets."
  value       = [for zone in local.zones : zone.name]
}

output "public_subnet_ids" {
  description = "The public subnets, one a zone. Known to others once their way out exists: a load balancer is refused before."
  value       = values(aws_subnet.public)[*].id
  depends_on  = [aws_route_table_association.public, aws_default_network_acl.open]

  precondition {
    condition     = length(distinct(values(aws_subnet.public)[*].availability_zone)) == 3
    error_message = "The public subnets are not in three different zones."
  }
}

output "private_subnet_ids" {
  description = "The private subnets, one a zone. Known to others once the endpoints exist: a task could not fetch its image before."
  value       = values(aws_subnet.private)[*].id
  depends_on = [
    aws_route_table_association.private, aws_default_network_acl.open, aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface, aws_vpc_security_group_ingress_rule.endpoints,
  ]

  precondition {
    condition     = length(distinct(values(aws_subnet.private)[*].availability_zone)) == 3
    error_message = "The private subnets are not in three different zones."
  }
}

output "endpoint_security_group_id" {
  description = "The interface endpoints (ECR, CloudWatch Logs): a task is to be let out to it on port 443."
  value       = aws_security_group.endpoints.id
}

output "dynamodb_prefix_list_id" {
  description = "DynamoDB's addresses, behind the gateway endpoint: a task is to be let out to them on port 443."
  value       = aws_vpc_endpoint.gateway["dynamodb"].prefix_list_id
}

output "s3_prefix_list_id" {
  description = "S3's addresses, where the layers of images lie: a task is to be let out to them on port 443."
  value       = aws_vpc_endpoint.gateway["s3"].prefix_list_id
}
