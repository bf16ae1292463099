"""What the tests share: clients as an application makes them, configured by nothing but
AWS_ENDPOINT_URL_DYNAMODB and its like, and a table that ends with its test.

botocore verifies the checksum of every answer by itself.
"""

import uuid

import boto3
import pytest
from botocore.config import Config

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="session")
def client():
    return boto3.client("dynamodb", config=ONCE)


@pytest.fixture(scope="session")
def resource():
    return boto3.resource("dynamodb", config=ONCE)


@pytest.fixture(scope="session")
def streams():
    return boto3.client("dynamodbstreams", config=ONCE)


@pytest.fixture
def make_table(client, resource):
    """Creates tables with string keys "pk" and "sk"."""
    made = []

    def make(attributes=(), **more):
        name = f"sdktest-python-{uuid.uuid4()}"
        table = resource.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
                *attributes,
            ],
            **more,
        )
        made.append(table)
        client.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500}
        )
        return table

    yield make
    for table in made:
        table.delete()


@pytest.fixture
def table(make_table):
    return make_table()
