"""What schemathesis has to know about the API beyond its OpenAPI document."""

import itertools
import json

import schemathesis
from schemathesis import HookContext


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict) -> None:
    """Adds the link to the next page: OpenAPI has no expression for a part of a header."""
    lists = ("listRestaurants", "listReviews", "listRestaurantReviews", "listEarlierReviews")
    for item in raw_schema["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or operation.get("operationId") not in lists:
                continue
            parameters = {"query.cursor": "$response.header.Link#regex:[?&]cursor=([^&>]+)"}
            for parameter in operation["parameters"]:
                if parameter.get("in") == "path":
                    parameters["path." + parameter["name"]] = "$request.path." + parameter["name"]
                elif parameter.get("required"):
                    parameters["query." + parameter["name"]] = "$request.query." + parameter["name"]
            operation["responses"]["200"].setdefault("links", {})["nextPage"] = {
                "operationId": operation["operationId"],
                "parameters": parameters,
            }


requests_sent = itertools.count(1)


@schemathesis.hook
def before_call(context: HookContext, case, kwargs) -> None:
    """Keeps two headers from hiding all the rest: what stands in them as an example holds for
    one request, and makes the service refuse the others before it looks any further."""
    phase = case.meta.phase if case.meta else None
    if phase is None or not case.headers or getattr(phase.data, "parameter", None) in ("If-Match", "Idempotency-Key"):
        return
    if phase.name.value in ("examples", "coverage"):
        case.headers.pop("If-Match", None)
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) < 200:
        case.headers["Idempotency-Key"] = f"{key}{next(requests_sent)}"


@schemathesis.hook
def filter_failure(context: HookContext, failure, case, response) -> bool:
    """Drops the failures of requests that were refused, or not judged, for a reason that no
    schema can state. The two checks ask whether good data is taken and bad data refused;
    all other checks hold for these responses as well."""
    if type(failure).__name__ not in ("RejectedPositiveData", "AcceptedNegativeData"):
        return True
    return excuse(type(failure).__name__, case, response) is None


def excuse(failure: str, case, response) -> str | None:
    sent = {name.lower() for name in (case.headers or {})}
    problem = problem_of(response)
    if response.status_code == 412 and "if-match" in sent:
        return "The review is not, or no longer, what If-Match says; a body is not looked at then."
    if failure == "AcceptedNegativeData":
        return None
    kind, errors = problem.get("type"), problem.get("errors", [])
    if kind == "/problems/idempotency-key-reused" and "idempotency-key" in sent:
        return "The key came with another review before: the examples have one key for all."
    if kind == "/problems/validation" and [error.get("location") for error in errors] == ["query.cursor"]:
        return "A cursor is sealed, and opens only the list that gave it out."
    if (
        kind == "/problems/validation"
        and [error.get("location") for error in errors] == ["body.visited_at"]
        and str(errors[0].get("value")).startswith(("0001-01-01T", "9999-12-31T"))
    ):
        return "The offset moves it out of the years 1 to 9999 in UTC."
    if case.path == "/data" and response.status_code == 400 and "that this list gave out" in problem.get("error", ""):
        return "The same, of the earlier service's list."
    if (
        case.media_type == "application/json-patch+json"
        and kind == "/problems/validation"
        and problem.get("detail") in ("The patch does not apply.", "The patched review breaks a rule.")
    ):
        return "Whether a JSON Patch applies is for the review to say: what it tests, what is there to be removed."
    return None


def problem_of(response) -> dict:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
