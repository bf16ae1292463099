data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # Named once: the load balancer must ask for the very container that the task has.
  container = "api"

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
  fargate = {
    "256"   = [512, 1024, 2048]
    "512"   = range(1024, 4096 + 1, 1024)
    "1024"  = range(2048, 8192 + 1, 1024)
    "2048"  = range(4096, 16384 + 1, 1024)
    "4096"  = range(8192, 30720 + 1, 1024)
    "8192"  = range(16384, 61440 + 1, 4096)
    "16384" = range(32768, 122880 + 1, 8192)
  }

  # ECS takes a task out of the load balancer before it sends SIGTERM; but Spot, and a task
  # that fails its health check, are stopped at once. For these the listener stays open while
  # the load balancer still sends requests.
  shutdown_delay = 10

  environment = merge(var.environment, {
    AWS_REGION                   = data.aws_region.this.name
    FALAFEL_TABLE                = var.database.table_name
    FALAFEL_ADDR                 = ":${var.facts.ports.api}"
    FALAFEL_METRICS_ADDR         = ":${var.facts.ports.metrics}"
    FALAFEL_SHUTDOWN_DELAY       = "${local.shutdown_delay}s"
    (var.facts.release_variable) = var.release
  }, { for name, value in local.telemetry : name => value if value != null })

  # Metrics go with the log: they need no right, endpoint or port of their own.
  telemetry = {
    FALAFEL_EMF_NAMESPACE       = var.metrics_namespace
    OTEL_EXPORTER_OTLP_ENDPOINT = try(var.collector.endpoint, null)
    OTEL_TRACES_SAMPLER         = var.collector == null ? null : "parentbased_traceidratio"
    OTEL_TRACES_SAMPLER_ARG     = try(tostring(var.collector.share), null)
    OTEL_RESOURCE_ATTRIBUTES    = var.collector == null ? null : "deployment.environment.name=${var.name}"
  }

  # FALAFEL_SHUTDOWN_TIMEOUT is in facts.stop_timeout with its default.
  own = concat(
    ["AWS_REGION", "FALAFEL_TABLE", "FALAFEL_ADDR", "FALAFEL_METRICS_ADDR", "FALAFEL_SHUTDOWN_DELAY", "FALAFEL_SHUTDOWN_TIMEOUT", "FALAFEL_EMF_NAMESPACE"],
    [var.facts.release_variable],
  )
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights" # its counts of tasks are what the alarm on missing tasks reads
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  container_definitions = jsonencode([{
    name                   = local.container
    image                  = var.image
    essential              = true
    memory                 = var.memory # the API sets its memory limit by its container's
    user                   = var.facts.user
    privileged             = false
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    stopTimeout            = var.facts.stop_timeout + local.shutdown_delay
    environment            = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
    mountPoints            = []
    systemControls         = []
    volumesFrom            = []

    portMappings = [
      for port in [var.facts.ports.api, var.facts.ports.metrics] : { containerPort = port, hostPort = port, protocol = "tcp" }
    ]

    healthCheck = {
      command     = var.facts.health.command
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 10
    }

    # A log that is slow to take lines must not hold up requests: when the buffer is full,
    # lines are lost.
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.this.name
        awslogs-stream-prefix = "ecs"
        mode                  = "non-blocking"
        max-buffer-size       = "25m"
      }
    }
  }])

  lifecycle {
    # The one that runs stays ACTIVE until the rollout of the next has succeeded: a service
    # cannot be rolled back to one that is not.
    create_before_destroy = true
  }
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = aws_ecs_cluster.this.arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.tasks.min

  # falafel_release waits for the rollout: it gives ECS's reason when one fails.
  wait_for_steady_state = false

  availability_zone_rebalancing      = "ENABLED"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 30
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  # Without it, another share of Spot would make another service.
  force_new_deployment = true

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 100 - var.spot
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.spot > 0 ? [var.spot] : []
    content {
      capacity_provider = "FARGATE_SPOT"
      weight            = capacity_provider_strategy.value
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.private_subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.edge.target_group_arn
    container_name   = local.container
    container_port   = var.facts.ports.api
  }

  lifecycle {
    # falafel_release rolls out, and autoscaling counts.
    ignore_changes = [task_definition, desired_count]

    # Neither AWS's provider nor a plan compares the two.
    precondition {
      condition     = contains(jsondecode(aws_ecs_task_definition.this.container_definitions)[*].name, local.container)
      error_message = "The load balancer's container is not in the task definition."
    }
  }

  # A first task without its rights, or its way out, fails; a last one is stopped with both.
  depends_on = [
    aws_ecs_cluster_capacity_providers.this, aws_iam_role_policy.task, aws_iam_role_policy.execution,
    aws_vpc_security_group_egress_rule.endpoints, aws_vpc_security_group_egress_rule.prefix_lists,
    aws_vpc_security_group_ingress_rule.api, aws_vpc_security_group_egress_rule.edge, aws_vpc_security_group_egress_rule.collector,
  ]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.tasks.min
  max_capacity       = var.tasks.max
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  name               = "${var.name}-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    # A minute's requests to one task, in proportion to its CPU: a request takes about
    # 0.2 ms of a vCPU, so that this is a tenth of what a task can do, and CPU decides
    # unless requests wait for something else.
    target_value       = 30000 * var.cpu / 1024
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${var.edge.load_balancer_suffix}/${var.edge.target_group_suffix}"
    }
  }
}
