name              = "falafel-test"
emails            = ["operations@falafel.example"]
monthly_budget    = 100
service           = { cluster_name = "falafel-test", service_name = "falafel-test", tasks = { min = 2, max = 6 } }
edge              = { load_balancer_suffix = "app/falafel-test/1", target_group_suffix = "targetgroup/falafel-test/1" }
table_name        = "falafel-test-reviews"
metrics_namespace = "falafel-test"
slos = [{
  name        = "read_latency"
  description = "Reads are answered within 100 ms."
  target      = 0.99
  window_days = 30
  runbook     = "ReadLatencyBudgetBurn"
  alarms = [
    { severity = "page", window = "1h", long_seconds = 3600, short_seconds = 300, max_error_ratio = 0.144, min_bad = 10 },
    { severity = "page", window = "6h", long_seconds = 21600, short_seconds = 1800, max_error_ratio = 0.06, min_bad = 10 },
    { severity = "ticket", window = "1d", long_seconds = 86400, short_seconds = 7200, max_error_ratio = 0.03, min_bad = 10 },
  ]
}]
