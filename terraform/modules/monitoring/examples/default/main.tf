module "monitoring" {
  source            = "../.."
  name              = "falafel-example"
  emails            = ["operations@falafel.example"]
  monthly_budget    = 200
  service           = { cluster_name = "falafel-example", service_name = "falafel-example", tasks = { min = 2, max = 6 } }
  edge              = { load_balancer_suffix = "app/falafel-example/50dc6c495c0c9188", target_group_suffix = "targetgroup/falafel-example/73e2d6bc24d8a067" }
  table_name        = "falafel-example-reviews"
  metrics_namespace = "falafel-example"
  slos = [{
    name        = "availability"
    description = "Requests are answered without an error of the service (5xx)."
    target      = 0.999
    window_days = 30
    runbook     = "AvailabilityBudgetBurn"
    alarms      = [{ severity = "page", window = "1h", long_seconds = 3600, short_seconds = 300, max_error_ratio = 0.0144, min_bad = 10 }]
  }] # data.falafel_service.api.slos has them all
}
