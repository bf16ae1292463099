mock_provider "aws" {
  source = "./tests/mocks"
}

run "an_image_by_tag_is_refused" {
  command = plan
  variables {
    image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel-test:latest"
  }
  expect_failures = [var.image]
}

run "an_image_that_does_not_expose_the_port_is_refused" {
  command = plan
  variables {
    platforms = { "linux/arm64" = { user = "65532:65532", ports = [8080] } }
  }
  expect_failures = [var.platforms]
}

run "an_image_for_another_architecture_is_refused" {
  command = plan
  variables {
    architecture = "X86_64"
  }
  expect_failures = [var.platforms]
}

run "an_image_of_root_is_refused" {
  command = plan
  variables {
    platforms = { "linux/arm64" = { user = "0", ports = [3000, 5050] } }
  }
  expect_failures = [var.platforms]
}

run "a_size_that_fargate_has_not_is_refused" {
  command = plan
  variables {
    cpu = 300
  }
  expect_failures = [var.cpu]
}

run "cpu_and_memory_that_do_not_go_together_are_refused" {
  command = plan
  variables {
    cpu    = 256
    memory = 4096
  }
  expect_failures = [var.memory]
}

run "the_largest_size_goes" {
  command = plan
  variables {
    cpu    = 16384
    memory = 122880
  }
}

run "memory_between_the_steps_is_refused" {
  command = plan
  variables {
    cpu    = 8192
    memory = 17408
  }
  expect_failures = [var.memory]
}

run "a_variable_that_the_service_does_not_know_is_refused" {
  command = plan
  variables {
    environment = { FALAFEL_LOGLEVEL = "debug" }
  }
  expect_failures = [var.environment]
}

run "a_variable_that_the_module_sets_is_refused" {
  command = plan
  variables {
    environment = { FALAFEL_TABLE = "another" }
  }
  expect_failures = [var.environment]
}

run "a_value_of_another_type_is_refused" {
  command = plan
  variables {
    environment = { FALAFEL_REQUEST_TIMEOUT = "10" }
  }
  expect_failures = [var.environment]
}

run "values_of_their_types_go" {
  command = plan
  variables {
    environment = { FALAFEL_REQUEST_TIMEOUT = "1m30s", FALAFEL_DOCS = "false", FALAFEL_LOG_LEVEL = "debug" }
  }
}

run "more_tasks_at_least_than_at_most_are_refused" {
  command = plan
  variables {
    tasks = { min = 3, max = 2 }
  }
  expect_failures = [var.tasks]
}

run "one_subnet_is_refused" {
  command = plan
  variables {
    network = {
      vpc_id                     = "vpc-1"
      private_subnet_ids         = ["subnet-1"]
      endpoint_security_group_id = "sg-endpoints"
      dynamodb_prefix_list_id    = "pl-dynamodb"
      s3_prefix_list_id          = "pl-s3"
    }
  }
  expect_failures = [var.network]
}

run "an_index_that_the_table_has_not_is_refused" {
  command = plan
  variables {
    database = {
      table_name = "falafel-test-reviews"
      table_arn  = "arn:aws:dynamodb:eu-central-1:123456789012:table/falafel-test-reviews"
      index_arns = {}
    }
  }
  expect_failures = [var.database]
}

run "metrics_on_the_public_port_are_refused" {
  command = plan
  variables {
    facts = {
      ports                = { api = 3000, metrics = 3000 }
      health               = { command = ["CMD", "/api", "live"] }
      environment          = {}
      permissions          = { table = [], indexes = {} }
      stop_timeout         = 25
      deregistration_delay = 30
      user                 = "65532:65532"
      release_variable     = "FALAFEL_RELEASE"
    }
  }
  expect_failures = [var.facts]
}

run "a_stop_that_fargate_cuts_off_is_refused" {
  command = plan
  variables {
    facts = {
      ports                = { api = 3000, metrics = 5050 }
      health               = { command = ["CMD", "/api", "live"] }
      environment          = {}
      permissions          = { table = [], indexes = {} }
      stop_timeout         = 115
      deregistration_delay = 30
      user                 = "65532:65532"
      release_variable     = "FALAFEL_RELEASE"
    }
  }
  expect_failures = [var.facts]
}

run "a_namespace_of_aws_is_refused" {
  command = plan
  variables {
    metrics_namespace = "AWS/ECS"
  }
  expect_failures = [var.metrics_namespace]
}

run "a_namespace_that_cloudwatch_has_not_is_refused" {
  command = plan
  variables {
    metrics_namespace = "falafel reviews"
  }
  expect_failures = [var.metrics_namespace]
}

run "an_empty_namespace_is_refused" {
  command = plan
  variables {
    metrics_namespace = ""
  }
  expect_failures = [var.metrics_namespace]
}

run "a_namespace_in_the_environment_is_refused" {
  command = plan
  variables {
    environment = { FALAFEL_EMF_NAMESPACE = "falafel-test/api" }
  }
  expect_failures = [var.environment]
}

run "a_collector_without_a_port_is_refused" {
  command = plan
  variables {
    collector = { endpoint = "https://collector.internal", security_group_id = "sg-collector" }
  }
  expect_failures = [var.collector]
}

run "more_than_all_traces_are_refused" {
  command = plan
  variables {
    collector = { endpoint = "https://collector.internal:4318", security_group_id = "sg-collector", share = 5 }
  }
  expect_failures = [var.collector]
}
