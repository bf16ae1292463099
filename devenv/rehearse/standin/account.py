"""What an account has before Terraform comes: a domain, and a bucket for the state."""

import os

from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import route53_backends
from moto.s3.models import s3_backends


def prepare():
    """ZONE is "ID=name", as it is in the environment's configuration; STATE_BUCKET a name."""
    identity, name = os.environ["ZONE"].split("=")
    zones = route53_backends[DEFAULT_ACCOUNT_ID]["aws"]
    zone = zones.create_hosted_zone(name=name + ".", private_zone=False, caller_reference="rehearsal")
    zones.zones[identity] = zones.zones.pop(zone.resource_id)
    zone.resource_id = identity
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(os.environ["STATE_BUCKET"], os.environ["AWS_REGION"])
