"""What moto 5.2.5 does not know or forgets, each with what Terraform says without it."""

import json
import os
import uuid

from moto.apigatewayv2.models import DomainName
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.budgets.responses import BudgetsResponse
from moto.cloudwatch.responses import CloudWatchResponse
from moto.ec2.models import security_groups
from moto.ecr.responses import ECRResponse
from moto.logs.responses import LogsResponse


def close():
    autoscaling_tags()
    domain_names()
    query_definitions()
    composite_alarms()
    budget_subscribers()
    budget_tags()
    security_group_descriptions()
    registry_address()


def autoscaling_tags():
    """Tags of scalable targets: NotImplementedError, which the provider asks for nine minutes."""
    tags = {}
    response = ApplicationAutoScalingResponse
    register = response.register_scalable_target

    def register_scalable_target(self):
        out = register(self)
        tags.setdefault(json.loads(out)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return out

    def list_tags_for_resource(self):
        return json.dumps({"Tags": tags.get(self._get_param("ResourceARN"), {})})

    def tag_resource(self):
        tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags") or {})
        return "{}"

    def untag_resource(self):
        for key in self._get_param("TagKeys") or []:
            tags.get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    response.register_scalable_target = register_scalable_target
    response.list_tags_for_resource = list_tags_for_resource
    response.tag_resource = tag_resource
    response.untag_resource = untag_resource


def domain_names():
    """A custom domain never becomes AVAILABLE, which Terraform waits for, and has no address for an alias."""
    describe = DomainName.to_json

    def to_json(self):
        out = describe(self)
        out["domainNameConfigurations"] = [
            {
                "domainNameStatus": "AVAILABLE",
                "apiGatewayDomainName": "d-standin.execute-api.eu-central-1.amazonaws.com",
                "hostedZoneId": "Z1U9ULNL0V5AJ3",
                "ipAddressType": "ipv4",
                **configuration,
            }
            for configuration in self.domain_name_configurations
        ]
        if not self.mutual_tls_authentication:
            out.pop("mutualTlsAuthentication")
        return out

    DomainName.to_json = to_json


def query_definitions():
    """CloudWatch Logs Insights' saved queries are not there at all."""
    queries = {}

    def put_query_definition(self):
        identity = self._get_param("queryDefinitionId") or str(uuid.uuid4())
        queries[identity] = {
            "queryDefinitionId": identity,
            "name": self._get_param("name"),
            "queryString": self._get_param("queryString"),
            "logGroupNames": self._get_param("logGroupNames") or [],
            "lastModified": 0,
        }
        return json.dumps({"queryDefinitionId": identity})

    def describe_query_definitions(self):
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        return json.dumps({"queryDefinitions": [q for q in queries.values() if q["name"].startswith(prefix)]})

    def delete_query_definition(self):
        return json.dumps({"success": queries.pop(self._get_param("queryDefinitionId"), None) is not None})

    LogsResponse.put_query_definition = put_query_definition
    LogsResponse.describe_query_definitions = describe_query_definitions
    LogsResponse.delete_query_definition = delete_query_definition


def composite_alarms():
    """PutCompositeAlarm is not there; its parameters are a part of PutMetricAlarm's, which moto reads."""
    CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm


def budget_subscribers():
    """DescribeSubscribersForNotification is not there, although moto keeps them."""

    def describe_subscribers_for_notification(self):
        wanted = self._get_param("Notification")
        budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
        for notification in budget.notifications:
            if all(notification.details.get(key) == value for key, value in wanted.items()):
                return json.dumps({"Subscribers": notification.subscribers})
        return json.dumps({"Subscribers": []})

    BudgetsResponse.describe_subscribers_for_notification = describe_subscribers_for_notification


def budget_tags():
    """Tags of budgets are forgotten: a plan that is never empty."""
    tags = {}
    create = BudgetsResponse.create_budget

    def create_budget(self):
        out = create(self)
        name = self._get_param("Budget")["BudgetName"]
        tags[f"arn:aws:budgets::{self._get_param('AccountId')}:budget/{name}"] = self._get_param("ResourceTags") or []
        return out

    def list_tags_for_resource(self):
        return json.dumps({"ResourceTags": tags.get(self._get_param("ResourceARN"), [])})

    BudgetsResponse.create_budget = create_budget
    BudgetsResponse.list_tags_for_resource = list_tags_for_resource


def security_group_descriptions():
    """Descriptions of rules for groups and prefix lists are forgotten: a plan that is never empty."""
    rule_class = security_groups.SecurityGroupRule
    make, add = rule_class.__init__, security_groups.SecurityGroupBackend._add_source_group

    def __init__(self, *arguments, **named):
        make(self, *arguments, **named)
        self.prefix_list_description = (named.get("prefix_list_id") or {}).get("Description")
        for argument in arguments:
            if isinstance(argument, dict) and "PrefixListId" in argument:
                self.prefix_list_description = argument.get("Description")

    def _add_source_group(self, source_groups, vpc_id):
        out = add(self, source_groups, vpc_id)
        for given, kept in zip(source_groups or [], out or []):
            if given.get("Description"):
                kept["Description"] = given["Description"]
        return out

    rule_class.__init__ = __init__
    rule_class.description = property(
        lambda rule: rule.ip_range.get("Description") or rule.source_group.get("Description") or rule.prefix_list_description
    )
    security_groups.SecurityGroupBackend._add_source_group = _add_source_group


def registry_address():
    """moto's ECR has no blobs: clients are sent to a registry that has."""
    address = os.environ.get("ECR_PROXY_ENDPOINT")
    token = ECRResponse.get_authorization_token

    def get_authorization_token(self):
        out = token(self)
        for data in out.result["authorizationData"]:
            data["proxyEndpoint"] = address
        return out

    if address:
        ECRResponse.get_authorization_token = get_authorization_token
