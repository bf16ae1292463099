module "monitoring" {
  source         = "../.."
  name           = "falafel-example"
  emails         = ["operations@falafel.example"]
  monthly_budget = 200
  service        = { cluster_name = "falafel-example", service_name = "falafel-example", tasks = { min = 2, max = 6 } }
  edge           = { load_balancer_suffix = "app/falafel-example/50dc6c495c0c9188", target_group_suffix = "targetgroup/falafel-example/73e2d6bc24d8a067" }
  table_name     = "falafel-example-reviews"
}
