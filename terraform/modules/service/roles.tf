locals {
  # Only ECS, and only for tasks of this account and region: another account's ECS must not
  # be able to borrow the roles.
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.this.partition}:ecs:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:*" }
      }
    }]
  })
}

# What the service may do.
resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "The service ${var.name}: its table, and nothing else."
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "task" {
  name = "table"
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "Table", Effect = "Allow", Action = sort(var.facts.permissions.table), Resource = [var.database.table_arn] }],
      [for index, actions in var.facts.permissions.indexes : {
        Sid      = "Index${replace(title(replace(index, "/[^a-zA-Z0-9]/", " ")), " ", "")}"
        Effect   = "Allow"
        Action   = sort(actions)
        Resource = [var.database.index_arns[index]]
      }],
    )
  })
}

# What ECS may do to start it.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts tasks of ${var.name}: fetches the image, and writes the log."
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # The token is the account's, whatever the repository.
      { Sid = "Login", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
      { Sid = "Pull", Effect = "Allow", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource = [var.registry.repository_arn] },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${var.log_group.arn}:log-stream:ecs/*"] },
    ]
  })
}
