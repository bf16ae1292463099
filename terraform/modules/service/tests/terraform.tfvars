name    = "falafel-test"
image   = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel-test@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
release = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
platforms = {
  "linux/arm64" = { user = "65532:65532", ports = [3000, 5050] }
}
facts = {
  ports  = { api = 3000, metrics = 5050 }
  health = { command = ["CMD", "/api", "live"] }
  environment = {
    FALAFEL_TABLE           = { type = "string" }
    FALAFEL_LOG_LEVEL       = { type = "string" }
    FALAFEL_DOCS            = { type = "bool" }
    FALAFEL_REQUEST_TIMEOUT = { type = "duration" }
    FALAFEL_EMF_NAMESPACE   = { type = "string" }
  }
  permissions = {
    table   = ["dynamodb:Query", "dynamodb:GetItem"]
    indexes = { by-time = ["dynamodb:Query"] }
  }
  stop_timeout         = 25
  deregistration_delay = 30
  user                 = "65532:65532"
  release_variable     = "FALAFEL_RELEASE"
}
registry = { repository_arn = "arn:aws:ecr:eu-central-1:123456789012:repository/falafel-test" }
network = {
  vpc_id                     = "vpc-1"
  private_subnet_ids         = ["subnet-1", "subnet-2", "subnet-3"]
  endpoint_security_group_id = "sg-endpoints"
  dynamodb_prefix_list_id    = "pl-dynamodb"
  s3_prefix_list_id          = "pl-s3"
}
database = {
  table_name = "falafel-test-reviews"
  table_arn  = "arn:aws:dynamodb:eu-central-1:123456789012:table/falafel-test-reviews"
  index_arns = { by-time = "arn:aws:dynamodb:eu-central-1:123456789012:table/falafel-test-reviews/index/by-time" }
}
edge = {
  target_group_arn     = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/falafel-test/1"
  security_group_id    = "sg-edge"
  load_balancer_suffix = "app/falafel-test/1"
  target_group_suffix  = "targetgroup/falafel-test/1"
}
log_group = { name = "/falafel-test/api", arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/falafel-test/api" }
