# All in which the rehearsal differs from hosted/release/main.tf.
locals {
  url    = var.url
  layout = var.layout
}

resource "falafel_release" "api" {
  timeout = "3m"
}
