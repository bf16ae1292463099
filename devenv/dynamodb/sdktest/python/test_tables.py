"""Tables, transactions, PartiQL, streams, and the AWS CLI."""

import datetime
import json
import os
import subprocess
import sys
import uuid
from decimal import Decimal

import pytest

WAITER = {"Delay": 0.02, "MaxAttempts": 500}


def test_a_table_is_created_listed_described_and_deleted(client):
    name = f"sdktest-python-{uuid.uuid4()}"
    request = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "B"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
    }
    made = client.create_table(**request)["TableDescription"]
    assert made["TableArn"].endswith(f":table/{name}")
    age = datetime.datetime.now(datetime.UTC) - made["CreationDateTime"]
    assert abs(age) < datetime.timedelta(minutes=1)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig=WAITER)
    told = client.describe_table(TableName=name)["Table"]
    assert told["TableStatus"] == "ACTIVE"
    assert told["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(**request)
    pages = client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 1})
    assert name in [listed for page in pages for listed in page["TableNames"]]
    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig=WAITER)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_table(TableName=name)


def test_expiry_tags_and_limits_are_set_and_told(client, table):
    client.update_time_to_live(
        TableName=table.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    told = client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert told["AttributeName"] == "expires"
    tag = {"Key": "team", "Value": "falafel"}
    client.tag_resource(ResourceArn=table.table_arn, Tags=[tag])
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=table.table_arn)
    assert [told for page in pages for told in page["Tags"]] == [tag]
    assert client.describe_limits()["AccountMaxReadCapacityUnits"] > 0


def test_a_transaction_is_all_or_nothing_and_says_why_nothing(client, resource, table):
    def put(sk, **more):
        item = {"pk": {"S": "t"}, "sk": {"S": sk}, "n": {"N": "1"}}
        return {"Put": {"TableName": table.name, "Item": item, **more}}

    client.transact_write_items(TransactItems=[put("1"), put("2")])
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(
            TransactItems=[
                put("3"),
                put(
                    "1",
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ),
            ]
        )
    assert cancelled.value.response["CancellationReasons"] == [
        {"Code": "None"},
        {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
            "Item": {"pk": {"S": "t"}, "sk": {"S": "1"}, "n": {"N": "1"}},
        },
    ]
    got = client.transact_get_items(
        TransactItems=[
            {"Get": {"TableName": table.name, "Key": {"pk": {"S": "t"}, "sk": {"S": sk}}}}
            for sk in ("1", "2", "3")
        ]
    )
    assert ["Item" in response for response in got["Responses"]] == [True, True, False]


def test_a_client_token_makes_a_transaction_happen_once(client, table):
    def add(n):
        client.transact_write_items(
            ClientRequestToken=f"token-{table.name}"[:36],
            TransactItems=[
                {
                    "Update": {
                        "TableName": table.name,
                        "Key": {"pk": {"S": "t"}, "sk": {"S": "1"}},
                        "UpdateExpression": "ADD n :n",
                        "ExpressionAttributeValues": {":n": {"N": str(n)}},
                    }
                }
            ],
        )

    add(1)
    add(1)
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        add(2)
    assert table.get_item(Key={"pk": "t", "sk": "1"})["Item"]["n"] == 1


def test_partiql_inserts_selects_updates_and_deletes(client, table):
    def run(statement, **more):
        return client.execute_statement(Statement=statement.format(table=f'"{table.name}"'), **more)

    run("INSERT INTO {table} VALUE {{'pk': ?, 'sk': '1', 'n': 1}}", Parameters=[{"S": "p"}])
    changed = run("UPDATE {table} SET n = n + 1 WHERE pk = 'p' AND sk = '1' RETURNING ALL NEW *")
    assert changed["Items"] == [{"pk": {"S": "p"}, "sk": {"S": "1"}, "n": {"N": "2"}}]
    assert run("SELECT n FROM {table} WHERE pk = 'p'")["Items"] == [{"n": {"N": "2"}}]
    with pytest.raises(client.exceptions.DuplicateItemException):
        run("INSERT INTO {table} VALUE {{'pk': 'p', 'sk': '1'}}")
    delete = f"DELETE FROM \"{table.name}\" WHERE pk = 'p' AND sk = '1'"
    client.execute_transaction(TransactStatements=[{"Statement": delete}])
    assert run("SELECT * FROM {table}")["Items"] == []
    batch = client.batch_execute_statement(Statements=[{"Statement": delete}, {"Statement": "SELECT"}])
    assert "Error" not in batch["Responses"][0]
    assert batch["Responses"][1]["Error"]["Code"] == "ValidationError"


def test_a_stream_tells_what_happened_in_order(streams, make_table):
    table = make_table(
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    key = {"pk": "s", "sk": "1"}
    for n in (1, 2):
        table.put_item(Item={**key, "n": Decimal(n)})
    table.delete_item(Key=key)
    arn = table.latest_stream_arn
    assert arn in [stream["StreamArn"] for stream in streams.list_streams(TableName=table.name)["Streams"]]
    records = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        empty = 0
        while iterator and empty < 3:
            page = streams.get_records(ShardIterator=iterator, Limit=2)
            records += page["Records"]
            empty = 0 if page["Records"] else empty + 1
            iterator = page.get("NextShardIterator")
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[1]["dynamodb"]["OldImage"]["n"] == {"N": "1"}
    assert records[1]["dynamodb"]["NewImage"]["n"] == {"N": "2"}
    assert records[2]["dynamodb"]["Keys"] == {"pk": {"S": "s"}, "sk": {"S": "1"}}


def test_the_aws_cli_works(table):
    def aws(*arguments):
        program = os.path.join(os.path.dirname(sys.executable), "aws")
        command = [program, "dynamodb", *arguments, "--output", "json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    item = json.dumps({"pk": {"S": "cli"}, "sk": {"S": "1"}, "n": {"N": "1"}})
    put = aws("put-item", "--table-name", table.name, "--item", item)
    assert put.returncode == 0, put.stderr
    scanned = aws("scan", "--table-name", table.name)
    assert json.loads(scanned.stdout)["Items"] == [json.loads(item)], scanned.stderr
    refused = aws("get-item", "--table-name", table.name, "--key", '{"pk": {"S": "cli"}}')
    assert "(ValidationException) when calling the GetItem operation" in refused.stderr
