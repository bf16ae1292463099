name    = "falafel-test"
domain  = "api.falafel.example"
zone_id = "Z0123456789ABCDEFGHIJ"
facts = {
  ports                = { api = 3000, metrics = 5050 }
  health               = { path = "/status" }
  deregistration_delay = 30
  version              = "1"
  openapi              = "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"T\",\"version\":\"1\"},\"paths\":{\"/status\":{\"get\":{\"responses\":{\"200\":{\"description\":\"OK\"}}}}}}"
  routes               = [{ method = "GET", path = "/status" }]
}
network = {
  vpc_id             = "vpc-1"
  availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  public_subnet_ids  = ["subnet-1", "subnet-2", "subnet-3"]
  private_subnet_ids = ["subnet-4", "subnet-5", "subnet-6"]
}
