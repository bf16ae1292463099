mock_provider "aws" {
  source = "./tests/mocks"
}

run "one_zone_for_two_subnets_is_refused" {
  command = plan
  variables {
    network = {
      vpc_id             = "vpc-1"
      availability_zones = ["eu-central-1a", "eu-central-1a"]
      public_subnet_ids  = ["subnet-1", "subnet-2"]
      private_subnet_ids = ["subnet-4", "subnet-5"]
    }
  }
  expect_failures = [var.network]
}

run "one_subnet_is_refused" {
  command = plan
  variables {
    network = {
      vpc_id             = "vpc-1"
      availability_zones = ["eu-central-1a", "eu-central-1b"]
      public_subnet_ids  = ["subnet-1"]
      private_subnet_ids = ["subnet-4", "subnet-5"]
    }
  }
  expect_failures = [var.network]
}

run "a_domain_with_a_scheme_is_refused" {
  command = plan
  variables {
    domain = "http://api.falafel.example"
  }
  expect_failures = [var.domain]
}

run "an_unknown_kind_is_refused" {
  command = plan
  variables {
    kind = "nginx"
  }
  expect_failures = [var.kind]
}

run "shield_before_api_gateway_is_refused" {
  command = plan
  variables {
    kind   = "api_gateway"
    shield = true
  }
  expect_failures = [var.shield]
}

run "metrics_on_the_public_port_are_refused" {
  command = plan
  variables {
    facts = {
      ports                = { api = 5050, metrics = 5050 }
      health               = { path = "/status" }
      deregistration_delay = 30
      version              = "1"
      openapi              = "{}"
      routes               = [{ method = "GET", path = "/status" }]
    }
  }
  expect_failures = [var.facts]
}

run "a_health_check_that_leads_nowhere_is_refused" {
  command = plan
  variables {
    facts = {
      ports                = { api = 3000, metrics = 5050 }
      health               = { path = "/healthz" }
      deregistration_delay = 30
      version              = "1"
      openapi              = "{}"
      routes               = [{ method = "GET", path = "/status" }]
    }
  }
  expect_failures = [var.facts]
}
