mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_task_may_do_what_it_needs_and_no_more" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.task.policy).Statement == [
      {
        Sid      = "Table", Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource = ["arn:aws:dynamodb:eu-central-1:123456789012:table/falafel-test-reviews"]
      },
      {
        Sid      = "IndexByTime", Effect = "Allow", Action = ["dynamodb:Query"]
        Resource = ["arn:aws:dynamodb:eu-central-1:123456789012:table/falafel-test-reviews/index/by-time"]
      },
    ]
    error_message = "The task role has other rights than the service's permissions on the table and its index."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement :
      statement.Resource != ["*"] || statement.Action == ["ecr:GetAuthorizationToken"]
    ])
    error_message = "The execution role has a right on everything."
  }

  assert {
    condition = alltrue([
      for role in [aws_iam_role.task, aws_iam_role.execution] :
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    ])
    error_message = "Another account's ECS may borrow a role."
  }
}

run "edge_and_tasks_agree_on_the_door" {
  command = plan

  assert {
    condition = alltrue([
      for rule in [aws_vpc_security_group_ingress_rule.api, aws_vpc_security_group_egress_rule.edge] :
      rule.from_port == 3000 && rule.to_port == 3000 && rule.cidr_ipv4 == null
    ])
    error_message = "The way from the load balancer to the tasks is not port 3000 alone."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.api.referenced_security_group_id == "sg-edge"
    error_message = "Others than the load balancer reach the tasks."
  }

  assert {
    condition     = one(aws_ecs_service.this.load_balancer).container_port == 3000
    error_message = "The load balancer forwards to another port than the API's: the metrics would be public."
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.collector) == 0 && length(aws_vpc_security_group_ingress_rule.collector) == 0
    error_message = "There is a way to a collector that is not there."
  }

  assert {
    condition = alltrue([
      for rule in concat([aws_vpc_security_group_egress_rule.endpoints], values(aws_vpc_security_group_egress_rule.prefix_lists)) :
      rule.from_port == 443 && rule.to_port == 443 && rule.cidr_ipv4 == null
    ])
    error_message = "Tasks are let out to more than AWS's endpoints."
  }
}

run "a_deployment_that_fails_is_rolled_back" {
  command = plan

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "The circuit breaker is off."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 100
    error_message = "A rollout takes tasks away before their successors are healthy."
  }
}

run "spot_has_its_share" {
  command = plan
  variables {
    spot = 70
  }

  assert {
    condition = { for strategy in aws_ecs_service.this.capacity_provider_strategy : strategy.capacity_provider => strategy.weight } == {
      FARGATE = 30, FARGATE_SPOT = 70
    }
    error_message = "70 percent are not on Spot."
  }
}

run "the_task_is_locked_down" {
  command = plan

  assert {
    condition = jsondecode(aws_ecs_task_definition.this.container_definitions)[0] == {
      name                   = "api"
      image                  = var.image
      essential              = true
      memory                 = 512
      user                   = "65532:65532"
      privileged             = false
      readonlyRootFilesystem = true
      linuxParameters        = { capabilities = { drop = ["ALL"] } }
      stopTimeout            = 35
      mountPoints            = []
      systemControls         = []
      volumesFrom            = []
      environment = [
        { name = "AWS_REGION", value = "eu-central-1" },
        { name = "FALAFEL_ADDR", value = ":3000" },
        { name = "FALAFEL_METRICS_ADDR", value = ":5050" },
        { name = "FALAFEL_RELEASE", value = var.release },
        { name = "FALAFEL_SHUTDOWN_DELAY", value = "10s" },
        { name = "FALAFEL_TABLE", value = "falafel-test-reviews" },
      ]
      portMappings = [
        { containerPort = 3000, hostPort = 3000, protocol = "tcp" },
        { containerPort = 5050, hostPort = 5050, protocol = "tcp" },
      ]
      healthCheck = { command = ["CMD", "/api", "live"], interval = 10, timeout = 5, retries = 3, startPeriod = 10 }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = "/falafel-test/api"
          awslogs-region        = "eu-central-1"
          awslogs-stream-prefix = "ecs"
          mode                  = "non-blocking"
          max-buffer-size       = "25m"
        }
      }
    }
    error_message = "The container is not as it is meant to be."
  }

  assert {
    condition     = one(aws_ecs_service.this.load_balancer).container_name == jsondecode(aws_ecs_task_definition.this.container_definitions)[0].name
    error_message = "The load balancer's container is not in the task definition."
  }
}

run "metrics_go_with_the_log" {
  command = plan
  variables {
    metrics_namespace = "falafel-test/api"
  }

  assert {
    condition     = { for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : variable.name => variable.value }["FALAFEL_EMF_NAMESPACE"] == "falafel-test/api"
    error_message = "The service is not told where its metrics belong."
  }

  assert {
    condition = alltrue([
      for statement in concat(jsondecode(aws_iam_role_policy.task.policy).Statement, jsondecode(aws_iam_role_policy.execution.policy).Statement) :
      alltrue([for action in statement.Action : !startswith(action, "cloudwatch:")])
    ])
    error_message = "Metrics have got a right of their own: CloudWatch takes them from the log."
  }

  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1
    error_message = "There is a second container."
  }
}

run "traces_go_to_the_collector_alone" {
  command = plan
  variables {
    collector = { endpoint = "http://collector.internal:4318", security_group_id = "sg-collector", share = 0.05 }
  }

  assert {
    condition = { for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : variable.name => variable.value if startswith(variable.name, "OTEL_") } == {
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector.internal:4318"
      OTEL_RESOURCE_ATTRIBUTES    = "deployment.environment.name=falafel-test"
      OTEL_TRACES_SAMPLER         = "parentbased_traceidratio"
      OTEL_TRACES_SAMPLER_ARG     = "0.05"
    }
    error_message = "The service is not told where traces go, or how many."
  }

  assert {
    condition = alltrue([
      for rule in concat(values(aws_vpc_security_group_egress_rule.collector), values(aws_vpc_security_group_ingress_rule.collector)) :
      rule.from_port == 4318 && rule.to_port == 4318 && rule.cidr_ipv4 == null
    ])
    error_message = "The way to the collector is not its port alone."
  }

  assert {
    condition     = one(values(aws_vpc_security_group_egress_rule.collector)).referenced_security_group_id == "sg-collector" && one(values(aws_vpc_security_group_ingress_rule.collector)).security_group_id == "sg-collector"
    error_message = "Tasks cannot reach the collector."
  }
}
