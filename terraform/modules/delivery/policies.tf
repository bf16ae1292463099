locals {
  partition = data.aws_partition.this.partition
  account   = data.aws_caller_identity.this.account_id
  arn       = { for service in ["budgets", "cloudwatch", "dynamodb", "ecr", "ecs", "elasticloadbalancing", "iam", "kms", "logs", "sns", "wafv2"] : service => "arn:${local.partition}:${service}:*:${local.account}" }
  iam       = "arn:${local.partition}:iam::${local.account}"
  bucket    = "arn:${local.partition}:s3:::${var.state_bucket}"
  key       = "${local.bucket}/${var.environment}"

  policies = {
    plan-state      = { role = "plan", statements = local.read_state }
    plan-no-data    = { role = "plan", statements = local.no_data }
    release-state   = { role = "release", statements = concat(local.read_state_list, local.write_state["release"]) }
    release-service = { role = "release", statements = local.release }
    apply-state     = { role = "apply", statements = concat(local.read_state_list, local.write_state["apply"]) }
    apply-no-data   = { role = "apply", statements = local.no_data }
    apply-named     = { role = "apply", statements = local.named }
    apply-unnamed   = { role = "apply", statements = local.unnamed }
  }

  read_state_list = [
    { Effect = "Allow", Action = "s3:ListBucket", Resource = local.bucket, Condition = { StringLike = { "s3:prefix" = "${var.environment}/*" } } },
  ]
  # `terraform plan -lock=false`: a plan for a pull request writes nothing, not even a lock.
  read_state = concat(local.read_state_list, [
    { Effect = "Allow", Action = "s3:GetObject", Resource = "${local.key}/*" },
  ])
  write_state = {
    for role, path in { release = "release/terraform.tfstate", apply = "terraform.tfstate" } : role => [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.key}/${path}", "${local.key}/${path}.tflock"] },
      { Effect = "Allow", Action = "s3:DeleteObject", Resource = "${local.key}/${path}.tflock" },
    ]
  }

  # ReadOnlyAccess would read all of this.
  no_data = [
    {
      Effect = "Deny"
      Action = [
        "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogRecord", "logs:GetQueryResults", "logs:StartLiveTail", "logs:StartQuery",
        "secretsmanager:GetSecretValue", "sqs:ReceiveMessage", "ssm:GetParameter*",
      ]
      Resource = "*"
    },
    { Effect = "Deny", Action = "s3:GetObject*", NotResource = "${local.key}/*" },
  ]

  release = [
    { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }, # AWS knows no resource for it
    {
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
      ]
      Resource = "${local.arn.ecr}:repository/${var.name}"
    },
    { Effect = "Allow", Action = ["ecs:DescribeServices", "ecs:UpdateService"], Resource = "${local.arn.ecs}:service/${var.name}/${var.name}" },
    { Effect = "Allow", Action = "ecs:DescribeTasks", Resource = "${local.arn.ecs}:task/${var.name}/*" },
    { Effect = "Allow", Action = "ecs:ListTasks", Resource = "*", Condition = { ArnEquals = { "ecs:cluster" = "${local.arn.ecs}:cluster/${var.name}" } } },
    { Effect = "Allow", Action = "ecs:TagResource", Resource = "${local.arn.ecs}:task-definition/${var.name}:*" },
    # AWS knows no resource for these. A task definition alone runs nothing, and gets no
    # roles but those that may be passed.
    { Effect = "Allow", Action = ["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"], Resource = "*" },
    local.pass_to_tasks,
  ]
  pass_to_tasks = {
    Effect    = "Allow"
    Action    = "iam:PassRole"
    Resource  = ["${local.iam}:role/${var.name}-task", "${local.iam}:role/${var.name}-execution"]
    Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
  }

  # What the environment names itself.
  named = concat(local.release, [
    {
      Effect = "Allow"
      Action = [
        "budgets:*", "cloudwatch:*", "dynamodb:*", "ecr:*", "ecs:*", "elasticloadbalancing:*", "logs:*", "s3:*", "sns:*", "wafv2:*",
      ]
      Resource = [
        "arn:${local.partition}:budgets::${local.account}:budget/${var.name}*",
        "${local.arn.cloudwatch}:alarm:${var.name}*",
        "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.name}*",
        "${local.arn.dynamodb}:table/${var.name}-*",
        "${local.arn.ecr}:repository/${var.name}",
        "${local.arn.ecs}:*/${var.name}",
        "${local.arn.ecs}:service/${var.name}/*",
        "${local.arn.ecs}:task-definition/${var.name}:*",
        "${local.arn.elasticloadbalancing}:*/app/${var.name}/*",
        "${local.arn.elasticloadbalancing}:targetgroup/${var.name}/*",
        "${local.arn.logs}:log-group:/${var.name}/*",
        "${local.arn.logs}:log-group:aws-waf-logs-${var.name}*",
        "arn:${local.partition}:s3:::${var.name}-*",
        "${local.arn.sns}:${var.name}-*",
        "${local.arn.wafv2}:regional/webacl/${var.name}/*",
        "${local.arn.wafv2}:regional/managedruleset/*",
      ]
    },
    {
      Effect = "Allow"
      Action = [
        "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy",
        "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
      ]
      Resource = "${local.iam}:role/${var.name}-*"
    },
    {
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.iam}:role/${var.name}-flow-*"
      Condition = { StringEquals = { "iam:PassedToService" = "vpc-flow-logs.amazonaws.com" } }
    },
    {
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "${local.iam}:role/aws-service-role/*"
      Condition = { StringEquals = { "iam:AWSServiceName" = [
        "dynamodb.application-autoscaling.amazonaws.com", "ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com",
        "elasticloadbalancing.amazonaws.com", "ops.apigateway.amazonaws.com", "shield.amazonaws.com", "wafv2.amazonaws.com",
      ] } }
    },
    {
      Effect   = "Allow"
      Action   = "route53:ChangeResourceRecordSets"
      Resource = "arn:${local.partition}:route53:::hostedzone/${var.zone_id}"
    },
  ])

  # What AWS gives random ids to, so that no name limits it: networks, certificates,
  # gateways, keys. It holds no machine (no ec2:RunInstances), no user and no key of one.
  unnamed = [
    {
      Effect = "Allow"
      Action = concat(
        ["acm:*", "apigateway:*", "application-autoscaling:*", "shield:*Protection*", "shield:TagResource", "wafv2:*WebACL*", "wafv2:*LoggingConfiguration"],
        ["ec2:*Address*", "ec2:*FlowLogs", "ec2:*InternetGateway*", "ec2:*NatGateway*", "ec2:*NetworkAcl*", "ec2:*Route*", "ec2:*SecurityGroup*", "ec2:*Subnet*", "ec2:*Tags", "ec2:*Vpc*"],
        ["logs:*LogDelivery", "logs:*QueryDefinition*", "logs:*ResourcePolic*", "logs:DescribeLogGroups"],
        ["ecs:DeregisterTaskDefinition", "sns:Unsubscribe"],
        ["kms:CreateKey", "kms:DisableKey*", "kms:EnableKey*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription"],
      )
      Resource = "*"
    },
  ]
}
