resource "aws_acm_certificate" "this" {
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# One name, one record: for_each over what ACM answers would not be known at plan.
resource "aws_route53_record" "validation" {
  zone_id         = var.zone_id
  name            = one(aws_acm_certificate.this.domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.this.domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.this.domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true # a certificate of the same name, made anew, has the same record
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]
}

resource "aws_route53_record" "this" {
  zone_id = var.zone_id
  name    = var.domain
  type    = "A" #checkov:skip=CKV2_AWS_23:an alias of what this module makes

  alias {
    name                   = local.gateway ? aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name : aws_lb.this.dns_name
    zone_id                = local.gateway ? aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id : aws_lb.this.zone_id
    evaluate_target_health = !local.gateway
  }
}
