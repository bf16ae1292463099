mock_provider "aws" {
  source = "./tests/mocks"
}

run "one_zone_for_two_subnets_is_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a", "eu-central-1a", "eu-central-1b"]
  }

  expect_failures = [var.availability_zones]
}

run "two_zones_are_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a", "eu-central-1b"]
  }

  expect_failures = [var.availability_zones]
}

run "a_local_zone_is_refused" {
  command = plan

  variables {
    availability_zones = ["us-west-2a", "us-west-2b", "us-west-2-lax-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "a_zone_of_another_region_is_refused" {
  command = plan

  variables {
    availability_zones = ["eu-central-1a", "eu-central-1b", "us-east-1a"]
  }

  expect_failures = [data.aws_availability_zones.region]
}

run "a_region_with_two_zones_is_refused" {
  command = plan

  override_data {
    target = data.aws_availability_zones.region
    values = { names = ["us-west-1a", "us-west-1b", "us-west-1a"] }
  }

  expect_failures = [data.aws_availability_zones.region]
}

run "a_public_range_is_refused" {
  command = plan

  variables {
    cidr = "8.8.8.0/24"
  }

  expect_failures = [var.cidr]
}

run "a_range_with_host_bits_is_refused" {
  command = plan

  variables {
    cidr = "10.1.0.1/24"
  }

  expect_failures = [var.cidr]
}

run "a_range_too_small_for_a_load_balancer_is_refused" {
  command = plan

  variables {
    cidr = "10.1.0.0/25"
  }

  expect_failures = [var.cidr]
}

run "a_range_too_large_for_a_vpc_is_refused" {
  command = plan

  variables {
    cidr = "10.0.0.0/15"
  }

  expect_failures = [var.cidr]
}

run "a_name_with_capitals_is_refused" {
  command = plan

  variables {
    name = "Falafel"
  }

  expect_failures = [var.name]
}

run "a_retention_that_cloudwatch_does_not_know_is_refused" {
  command = plan

  variables {
    flow_log_retention = 31
  }

  expect_failures = [var.flow_log_retention]
}
