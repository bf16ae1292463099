locals {
  # Managed rules that are counted and not enforced, since they refuse what this API is for.
  counted = [
    "SizeRestrictions_BODY",               # refuses bodies beyond 8 KB; the API takes 100 KB
    "CrossSiteScripting_BODY",             # a comment is free text, and only ever given out as JSON
    "GenericRFI_BODY",                     # a comment may hold a link
    "GenericLFI_BODY",                     # … and "../../"
    "EC2MetaDataSSRF_BODY",                # the API fetches no address that it is given
    "RestrictedExtensions_URIPATH",        # a restaurant's name is in the path, and may end in .log
    "RestrictedExtensions_QUERYARGUMENTS", # … and in the query of the earlier routes
  ]

  managed = { # in this order
    AWSManagedRulesAmazonIpReputationList = { priority = 1, counted = [] }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 2, counted = [] }
    AWSManagedRulesCommonRuleSet          = { priority = 3, counted = local.counted }
  }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:AWSManagedRulesKnownBadInputsRuleSet is in local.managed, which the check does not read
  name        = var.name
  description = "What the internet may send to ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  # Behind API Gateway every request comes from the gateway's addresses.
  dynamic "rule" {
    for_each = local.gateway ? [] : [var.rate_limit]
    content {
      name     = "rate"
      priority = 0

      action {
        block {}
      }

      statement {
        rate_based_statement {
          aggregate_key_type    = "IP"
          evaluation_window_sec = 300
          limit                 = rule.value
        }
      }

      visibility_config {
        metric_name                = "rate"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = local.managed
    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.counted
            content {
              name = rule_action_override.value
              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = rule.key
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    metric_name                = var.name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

resource "aws_cloudwatch_log_group" "waf" {
  #checkov:skip=CKV_AWS_158:encrypted by CloudWatch Logs; a key of our own would guard what is deleted in weeks
  #checkov:skip=CKV_AWS_338:addresses of clients are kept no longer than they are of use
  name              = "aws-waf-logs-${var.name}" # AWS asks for this beginning
  retention_in_days = var.log_retention
}

# What was refused, or would have been: all else is in the access logs.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.waf.arn]

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      dynamic "condition" {
        for_each = toset(["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"])
        content {
          action_condition {
            action = condition.value
          }
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.waf]
}

# Written here, since AWS would else change it behind our back.
resource "aws_cloudwatch_log_resource_policy" "waf" {
  policy_name = "${var.name}-waf"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.waf.arn}:log-stream:*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.aws}:logs:${local.region}:${local.account}:*" }
      }
    }]
  })
}
