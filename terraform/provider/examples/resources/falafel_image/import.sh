# By digest. The next plan sets source and tags, and pushes nothing that is there.
terraform import falafel_image.api 123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel-api@sha256:b5b2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7
