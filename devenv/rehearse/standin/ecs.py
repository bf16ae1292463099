"""ECS's deployments, which moto does not have: its services run what they were told at once.

Here a deployment starts as IN_PROGRESS, and somebody else does the work: package rehearse
reads DescribeServices, runs the task definition in Docker, and POSTs to REPORT_PATH what
became of it:

    {"cluster": "c", "service": "s", "deployment": "ecs-svc/1", "succeeded": false, "reason": "…"}

What follows from that is decided here as ECS's deployment circuit breaker does.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

import json
import random
import threading
import uuid

from moto.core.utils import utcnow
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse

REPORT_PATH = "/rehearsal/deployment"

# What CreateService takes and moto forgets: a plan that is never empty.
FORGOTTEN = {
    "capacityProviderStrategy": "capacity_provider_strategy",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "enableExecuteCommand": "enable_execute_command",
    "deploymentConfiguration": "deployment_configuration",
}

lock = threading.RLock()


def close():
    response = EC2ContainerServiceResponse
    create, update = response.create_service, EC2ContainerServiceBackend.update_service

    def create_service(self):
        with lock:
            out = create(self)
            service = out.result["service"]
            for parameter, attribute in FORGOTTEN.items():
                value = self._get_param(parameter)
                if value is not None:
                    setattr(service, attribute, value)
            if self._get_param("capacityProviderStrategy"):
                service.launch_type = None
            service.running_count, service.pending_count = 0, service.desired_count
            service.deployments = [deployment(service)]
            return out

    def update_service(self, properties):
        wanted = properties.get("task_definition")
        forced = properties.pop("force_new_deployment", False)
        with lock:
            if wanted:  # also as family, or family:revision
                wanted = properties["task_definition"] = self.describe_task_definition(wanted).arn
            before = self._get_service(properties.get("cluster", "default"), properties["service"].split("/")[-1])
            running, has = before.running_count, before.task_definition
            service = update(self, properties)
            service.running_count = min(running, service.desired_count)
            service.pending_count = service.desired_count - service.running_count
            if forced or (wanted and wanted != has):
                replace(service)
            for entry in service.deployments:
                if entry["status"] == "PRIMARY":
                    entry["desiredCount"] = service.desired_count
            return service

    response.create_service = create_service
    EC2ContainerServiceBackend.update_service = update_service


def deployment(service, reason=None):
    """A deployment of the service's task definition that has just begun."""
    identity = f"ecs-svc/{random.randint(10**18, 10**19)}"
    return {
        "id": identity,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": service.desired_count,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": utcnow(),
        "updatedAt": utcnow(),
        "launchType": service.launch_type,
        "platformVersion": service.platform_version,
        "platformFamily": "Linux",
        "networkConfiguration": service.network_configuration,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": reason or f"ECS deployment {identity} in progress.",
    }


def replace(service, reason=None):
    """The task definition changed: what ran so far goes on until the new one does."""
    for entry in service.deployments:
        entry["status"] = "ACTIVE"
    service.deployments = [deployment(service, reason)] + service.deployments


def event(service, message):
    service.events.insert(0, {"id": str(uuid.uuid4()), "createdAt": utcnow(), "message": f"(service {service.name}) {message}"})


def report(environ, start_response):
    body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    with lock:
        found = apply_report(body)
    start_response("204 No Content" if found else "404 Not Found", [])
    return []


def apply_report(body):
    for backends in ecs_backends.values():
        for backend in backends.values():
            service = backend.services.get(f"{body['cluster']}:{body['service']}")
            for entry in service.deployments if service else []:
                if entry["id"] == body["deployment"]:
                    (succeed if body["succeeded"] else fail)(service, entry, body["reason"])
                    return True
    return False


def succeed(service, entry, _):
    # What is reported is one container; the counts are those of a service that has scaled.
    entry.update(
        status="PRIMARY", rolloutState="COMPLETED", rolloutStateReason=f"ECS deployment {entry['id']} completed.",
        pendingCount=0, runningCount=service.desired_count, updatedAt=utcnow(),
    )
    service.deployments = [entry]
    service.running_count, service.pending_count = service.desired_count, 0
    event(service, f"(deployment {entry['id']}) deployment completed.")
    event(service, "has reached a steady state.")


def fail(service, entry, reason):
    event(service, reason)
    event(service, f"(deployment {entry['id']}) deployment failed: tasks failed to start.")
    entry.update(
        rolloutState="FAILED", rolloutStateReason="ECS deployment circuit breaker: tasks failed to start.",
        pendingCount=0, runningCount=0, failedTasks=1, updatedAt=utcnow(),
    )
    breaker = (getattr(service, "deployment_configuration", None) or {}).get("deploymentCircuitBreaker") or {}
    good = next((d for d in service.deployments if d["rolloutState"] == "COMPLETED"), None)
    if not breaker.get("rollback") or good is None:
        return
    service.task_definition = good["taskDefinition"]
    event(service, f"rolling back to deployment {good['id']}.")
    replace(service, f"ECS deployment circuit breaker: rolling back to deploymentId {good['id']}.")
