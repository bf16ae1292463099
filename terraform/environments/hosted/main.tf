# The environment "hosted", whole: what it decides is here, the rest is in the modules.
locals {
  name         = "falafel-hosted" # begins the names of all that is made
  account      = "123456789012"   # the only account that this may be applied to
  region       = "eu-central-1"
  domain       = "api.falafel.example"
  zone_id      = "Z0123456789ABCDEFGHIJ" # Route 53's hosted zone of that domain
  edge         = "load_balancer"         # or "api_gateway"
  architecture = "ARM64"                 # or "X86_64"
  tasks        = { min = 2, max = 6 }
  emails       = ["operations@falafel.example"] # are told of alarms and of the budget
  budget       = 200                            # USD a month
  protected    = true                           # nothing that holds data can be deleted
  metrics      = "${local.name}/api"            # CloudWatch's namespace of the service's own metrics
  layout       = "${path.root}/../../../.falafel/image"
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws     = { source = "hashicorp/aws", version = ">= 5.100.0, < 6.0.0" }
    falafel = { source = "pretendfriend/falafel", version = "~> 1.0" }
  }
  backend "s3" { # bucket and region: terraform init -backend-config=…
    key          = "hosted/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = local.region
  allowed_account_ids = [local.account]
  default_tags { tags = { environment = local.name } }
}

data "falafel_service" "api" {
  table_name = "${local.name}-reviews"
}

module "registry" {
  source = "../../modules/registry"
  name   = local.name
}

resource "falafel_image" "api" {
  source     = local.layout
  repository = module.registry.repository_url
  tags       = ["release-${substr(provider::falafel::layout(local.layout).digest, 7, 12)}"]
}

module "network" {
  source = "../../modules/network"
  name   = local.name
}

module "database" {
  source              = "../../modules/database"
  name                = local.name
  table               = data.falafel_service.api.table
  deletion_protection = local.protected
  alarm_topic_arn     = module.monitoring.alarm_topic_arn
}

module "edge" {
  source              = "../../modules/edge"
  name                = local.name
  kind                = local.edge
  domain              = local.domain
  zone_id             = local.zone_id
  facts               = data.falafel_service.api
  network             = module.network
  deletion_protection = local.protected
}

module "service" {
  source       = "../../modules/service"
  name         = local.name
  image        = falafel_image.api.reference
  release      = falafel_image.api.digest
  platforms    = provider::falafel::layout(local.layout).platforms
  architecture = local.architecture
  tasks        = local.tasks
  facts        = data.falafel_service.api
  registry     = module.registry
  network      = module.network
  database     = module.database
  edge         = module.edge
  log_group    = module.monitoring.log_group

  metrics_namespace = local.metrics
}

module "monitoring" {
  source         = "../../modules/monitoring"
  name           = local.name
  emails         = local.emails
  monthly_budget = local.budget
  service        = module.service
  edge           = module.edge
  table_name     = data.falafel_service.api.table.name

  metrics_namespace = local.metrics
  slos              = data.falafel_service.api.slos
}

resource "falafel_release" "api" {
  url             = module.edge.url
  release         = falafel_image.api.digest
  cluster         = module.service.cluster_arn
  service         = module.service.service_name
  task_definition = module.service.task_definition_arn
}

output "url" {
  value = module.edge.url
}
