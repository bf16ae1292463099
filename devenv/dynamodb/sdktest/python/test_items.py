"""Items: every type, every way to write and to read one, and the errors by their class."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary


def test_every_type_comes_back_as_it_went(table):
    item = {
        "pk": "types",
        "sk": "1",
        "string": "žluťoučký 🧆",
        "empty": "",
        "number": Decimal("-12.5"),
        "binary": Binary(b"\x00\x01\xfe\xff"),
        "yes": True,
        "nothing": None,
        "list": [Decimal(1), "two", [Decimal(3)], {"four": Decimal(4)}],
        "map": {"a": {"b": {"c": []}}},
        "strings": {"a", "b"},
        "numbers": {Decimal(1), Decimal("2.5")},
        "binaries": {Binary(b"1"), Binary(b"2")},
    }
    table.put_item(Item=item)
    assert table.get_item(Key={"pk": "types", "sk": "1"})["Item"] == item


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("0001.500", "1.5"),
        ("-0", "0"),
        ("1E2", "100"),
        ("1234567890.1234567890123456789012345678", "1234567890.1234567890123456789012345678"),
        ("9.9E125", "99" + 124 * "0"),
    ],
)
def test_numbers_are_exact_and_told_in_one_form(client, table, sent, told):
    key = {"pk": {"S": "n"}, "sk": {"S": "1"}}
    client.put_item(TableName=table.name, Item={**key, "n": {"N": sent}})
    assert client.get_item(TableName=table.name, Key=key)["Item"]["n"] == {"N": told}


def test_numbers_that_do_not_exist_are_refused(client, table):
    for sent, message in {
        "abc": "The parameter cannot be converted to a numeric value: abc",
        "1E126": "Number overflow. Attempting to store a number with magnitude larger than supported range",
        "1" * 39: "Attempting to store more than 38 significant digits in a Number",
    }.items():
        with pytest.raises(client.exceptions.ClientError) as refused:
            client.put_item(
                TableName=table.name, Item={"pk": {"S": "n"}, "sk": {"S": "1"}, "n": {"N": sent}}
            )
        assert refused.value.response["Error"] == {"Code": "ValidationException", "Message": message}


def test_old_values_and_capacity_are_told_on_demand(table):
    item = {"pk": "a", "sk": "1", "text": "x" * 5000}
    first = table.put_item(Item=item, ReturnValues="ALL_OLD", ReturnConsumedCapacity="TOTAL")
    assert "Attributes" not in first
    assert first["ConsumedCapacity"] == {"TableName": table.name, "CapacityUnits": 5.0}
    key = {"pk": "a", "sk": "1"}
    read = table.get_item(Key=key, ReturnConsumedCapacity="TOTAL")
    assert read["ConsumedCapacity"]["CapacityUnits"] == 1.0
    assert table.delete_item(Key=key, ReturnValues="ALL_OLD")["Attributes"] == item
    assert "Item" not in table.get_item(Key=key)


def test_update_expressions_and_the_older_updates(table):
    key = {"pk": "u", "sk": "1"}
    table.put_item(Item={**key, "n": 1, "tags": {"a", "b"}, "list": [1], "old": True})
    updated = table.update_item(
        Key=key,
        UpdateExpression="SET #l = list_append(#l, :more), made = if_not_exists(made, :now) "
        "ADD n :two REMOVE #o DELETE tags :b",
        ExpressionAttributeNames={"#l": "list", "#o": "old"},
        ExpressionAttributeValues={":more": [2], ":now": "today", ":two": 2, ":b": {"b"}},
        ReturnValues="UPDATED_NEW",
    )
    assert updated["Attributes"] == {"n": 3, "tags": {"a"}, "list": [1, 2], "made": "today"}
    older = table.update_item(
        Key=key,
        AttributeUpdates={"n": {"Action": "ADD", "Value": -3}},
        Expected={"n": {"ComparisonOperator": "EQ", "AttributeValueList": [3]}},
        ReturnValues="UPDATED_OLD",
    )
    assert older["Attributes"] == {"n": 3}


def test_errors_have_their_classes_and_a_failed_condition_its_item(client, table):
    item = {"pk": "c", "sk": "1", "n": 7}
    table.put_item(Item=item)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as failed:
        table.put_item(
            Item=item,
            ConditionExpression=Attr("pk").not_exists() | Attr("n").between(8, 9),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert failed.value.response["Error"]["Message"] == "The conditional request failed"
    assert failed.value.response["Item"]["n"] == {"N": "7"}
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="sdktest-no-such-table", Key={"pk": {"S": "a"}})
    with pytest.raises(client.exceptions.ClientError, match="provided key element does not match the schema"):
        table.get_item(Key={"pk": "a"})
    with pytest.raises(client.exceptions.ClientError, match="Item size has exceeded the maximum allowed size"):
        table.put_item(Item={"pk": "big", "sk": "1", "text": "x" * 400 * 1024})


def test_queries_have_conditions_filters_and_pages(client, make_table):
    table = make_table(
        attributes=[{"AttributeName": "score", "AttributeType": "N"}],
        LocalSecondaryIndexes=[
            {
                "IndexName": "by-score",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "score", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    with table.batch_writer() as batch:
        for i in range(12):
            batch.put_item({"pk": "q", "sk": f"item#{i:02}", "score": 100 - i, "i": i})
    pages = list(
        client.get_paginator("query").paginate(
            TableName=table.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": "q"}, ":prefix": {"S": "item#"}},
            ProjectionExpression="i",
            PaginationConfig={"PageSize": 5},
        )
    )
    assert [int(item["i"]["N"]) for page in pages for item in page["Items"]] == list(range(12))
    filtered = table.query(
        KeyConditionExpression=Key("pk").eq("q") & Key("sk").gt("item#05"),
        FilterExpression=Attr("i").is_in([7, 11]),
        ScanIndexForward=False,
    )
    assert [item["i"] for item in filtered["Items"]] == [11, 7]
    assert (filtered["Count"], filtered["ScannedCount"]) == (2, 6)
    ranked = table.query(IndexName="by-score", KeyConditionExpression=Key("pk").eq("q"), Limit=1)
    assert ranked["Items"] == [{"pk": "q", "sk": "item#11", "score": 89}]
    assert ranked["LastEvaluatedKey"] == ranked["Items"][0]
    counted = table.query(KeyConditionExpression=Key("pk").eq("q"), Select="COUNT")
    assert (counted["Count"], "Items" in counted) == (12, False)


def test_batches_write_and_read_and_parallel_scans_share_a_table(client, resource, table):
    keys = [{"pk": f"p{i}", "sk": "s"} for i in range(60)]
    with table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
        for key in [*keys, keys[0]]:
            batch.put_item(key)
    read = resource.batch_get_item(
        RequestItems={table.name: {"Keys": [*keys, {"pk": "absent", "sk": "s"}]}}
    )
    assert len(read["Responses"][table.name]) == 60
    assert read["UnprocessedKeys"] == {}

    def scan(segment):
        pages = client.get_paginator("scan").paginate(
            TableName=table.name, Segment=segment, TotalSegments=3, PaginationConfig={"PageSize": 7}
        )
        return [item["pk"]["S"] for page in pages for item in page["Items"]]

    with ThreadPoolExecutor(3) as pool:
        seen = [pk for segment in pool.map(scan, range(3)) for pk in segment]
    assert sorted(seen) == sorted(key["pk"] for key in keys)


def test_concurrent_updates_are_all_counted(client, table):
    def add(_):
        client.update_item(
            TableName=table.name,
            Key={"pk": {"S": "counter"}, "sk": {"S": "1"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(200)))
    assert table.get_item(Key={"pk": "counter", "sk": "1"}, ConsistentRead=True)["Item"]["n"] == 200
