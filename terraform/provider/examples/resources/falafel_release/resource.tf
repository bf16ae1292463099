resource "falafel_image" "api" {
  source     = ".falafel/image"
  repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel"
}

# A new image in the task definition that the service runs. Where Terraform makes the task
# definition itself, `task_definition` takes its ARN, and `image` is left out.
resource "falafel_release" "api" {
  url     = "https://api.falafel.example"
  release = falafel_image.api.digest
  cluster = "falafel"
  service = "api"
  image   = falafel_image.api.reference
}
