// Items: every type, every way to write and to read one, and the errors by their class.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ResourceNotFoundException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  NumberValue,
  PutCommand,
  UpdateCommand,
  paginateQuery,
  paginateScan,
} from "@aws-sdk/lib-dynamodb";

import { all, client, documents, makeTable } from "./fixture.js";

test("every type comes back as it went", async (t) => {
  const TableName = await makeTable(t);
  const Item = {
    pk: "types",
    sk: "1",
    string: "žluťoučký 🧆",
    empty: "",
    number: -12.5,
    binary: new Uint8Array([0, 1, 254, 255]),
    yes: true,
    nothing: null,
    list: [1, "two", [3], { four: 4 }],
    map: { a: { b: { c: [] } } },
    strings: new Set(["a", "b"]),
    numbers: new Set([1, 2.5]),
    binaries: new Set([new Uint8Array([1]), new Uint8Array([2])]),
  };
  await documents.send(new PutCommand({ TableName, Item }));
  const got = await documents.send(new GetCommand({ TableName, Key: { pk: "types", sk: "1" } }));
  assert.deepEqual(got.Item, Item);
});

test("a number keeps its 38 digits, and has no more", async (t) => {
  const TableName = await makeTable(t);
  const digits = "1234567890.1234567890123456789012345678";
  await documents.send(new PutCommand({ TableName, Item: { pk: "n", sk: "1", n: NumberValue.from(digits) } }));
  const got = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: "n" }, sk: { S: "1" } } }));
  assert.equal(got.Item.n.N, digits);
  await assert.rejects(
    client.send(new PutItemCommand({ TableName, Item: { pk: { S: "n" }, sk: { S: "1" }, n: { N: `${digits}9` } } })),
    { name: "ValidationException", message: "Attempting to store more than 38 significant digits in a Number" },
  );
});

test("old values and capacity are told on demand", async (t) => {
  const TableName = await makeTable(t);
  const Item = { pk: { S: "a" }, sk: { S: "1" }, text: { S: "x".repeat(1500) } };
  const put = new PutItemCommand({ TableName, Item, ReturnValues: "ALL_OLD", ReturnConsumedCapacity: "TOTAL" });
  const first = await client.send(put);
  assert.equal(first.Attributes, undefined);
  assert.deepEqual(first.ConsumedCapacity, { TableName, CapacityUnits: 2 });
  assert.deepEqual((await client.send(put)).Attributes, Item);
  const Key = { pk: Item.pk, sk: Item.sk };
  const read = await client.send(
    new GetItemCommand({ TableName, Key, ConsistentRead: true, ReturnConsumedCapacity: "TOTAL" }),
  );
  assert.equal(read.ConsumedCapacity.CapacityUnits, 1);
  const deleted = await client.send(new DeleteItemCommand({ TableName, Key, ReturnValues: "ALL_OLD" }));
  assert.deepEqual(deleted.Attributes, Item);
  assert.equal((await client.send(new GetItemCommand({ TableName, Key }))).Item, undefined);
});

test("an update expression sets, adds, removes and deletes", async (t) => {
  const TableName = await makeTable(t);
  const Key = { pk: "u", sk: "1" };
  await documents.send(
    new PutCommand({ TableName, Item: { ...Key, n: 1, tags: new Set(["a", "b"]), list: [1], old: true } }),
  );
  const updated = await documents.send(
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression:
        "SET #list = list_append(#list, :more), made = if_not_exists(made, :now) ADD n :two REMOVE #old DELETE tags :b",
      ExpressionAttributeNames: { "#list": "list", "#old": "old" },
      ExpressionAttributeValues: { ":more": [2], ":now": "today", ":two": 2, ":b": new Set(["b"]) },
      ReturnValues: "ALL_NEW",
    }),
  );
  assert.deepEqual(updated.Attributes, { ...Key, n: 3, tags: new Set(["a"]), list: [1, 2], made: "today" });
});

test("the parameters before expressions work", async (t) => {
  const TableName = await makeTable(t);
  const Key = { pk: { S: "older" }, sk: { S: "1" } };
  const updated = await client.send(
    new UpdateItemCommand({
      TableName,
      Key,
      AttributeUpdates: { n: { Action: "ADD", Value: { N: "5" } } },
      Expected: { n: { Exists: false } },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  assert.deepEqual(updated.Attributes, { n: { N: "5" } });
});

test("errors have their classes, and a failed condition its item", async (t) => {
  const TableName = await makeTable(t);
  const Item = { pk: "c", sk: "1", n: 7 };
  await documents.send(new PutCommand({ TableName, Item }));
  const again = { TableName, Item, ConditionExpression: "attribute_not_exists(pk)" };
  await assert.rejects(
    documents.send(new PutCommand({ ...again, ReturnValuesOnConditionCheckFailure: "ALL_OLD" })),
    (error) => {
      assert.ok(error instanceof ConditionalCheckFailedException);
      assert.equal(error.message, "The conditional request failed");
      assert.equal(error.$metadata.httpStatusCode, 400);
      assert.deepEqual(error.Item, { pk: { S: "c" }, sk: { S: "1" }, n: { N: "7" } });
      return true;
    },
  );
  await assert.rejects(
    documents.send(new GetCommand({ TableName: "sdktest-no-such-table", Key: { pk: "a" } })),
    ResourceNotFoundException,
  );
  await assert.rejects(documents.send(new GetCommand({ TableName, Key: { pk: "a" } })), {
    name: "ValidationException",
    message: "The provided key element does not match the schema",
  });
  await assert.rejects(
    documents.send(new UpdateCommand({ TableName, Key: { pk: "a", sk: "1" }, UpdateExpression: "SET a = :missing" })),
    /Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :missing/,
  );
});

test("queries have conditions, filters, projections, directions and pages", async (t) => {
  const TableName = await makeTable(t, {
    attributes: [{ AttributeName: "score", AttributeType: "N" }],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-score",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "score", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["even"] },
      },
    ],
  });
  for (let i = 0; i < 12; i++) {
    const sk = `item#${String(i).padStart(2, "0")}`;
    await documents.send(new PutCommand({ TableName, Item: { pk: "q", sk, score: 100 - i, even: i % 2 === 0, i } }));
  }
  const pages = await all(
    paginateQuery(
      { client: documents, pageSize: 5 },
      {
        TableName,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        FilterExpression: "even = :true",
        ProjectionExpression: "i",
        ExpressionAttributeValues: { ":pk": "q", ":prefix": "item#", ":true": true },
        ScanIndexForward: false,
      },
    ),
  );
  assert.deepEqual(pages.flatMap((page) => page.Items), [10, 8, 6, 4, 2, 0].map((i) => ({ i })));
  assert.deepEqual(pages.map((page) => page.ScannedCount), [5, 5, 2]);
  const [ranked] = await all(
    paginateQuery(
      { client: documents },
      {
        TableName,
        IndexName: "by-score",
        KeyConditionExpression: "pk = :pk AND score BETWEEN :low AND :high",
        ExpressionAttributeValues: { ":pk": "q", ":low": 89, ":high": 90 },
      },
    ),
  );
  assert.deepEqual(ranked.Items, [
    { pk: "q", sk: "item#11", score: 89, even: false },
    { pk: "q", sk: "item#10", score: 90, even: true },
  ]);
});

test("batches write and read, and parallel scans share a table", async (t) => {
  const TableName = await makeTable(t);
  const keys = Array.from({ length: 25 }, (_, i) => ({ pk: `p${i}`, sk: "s" }));
  const written = await documents.send(
    new BatchWriteCommand({ RequestItems: { [TableName]: keys.map((Item) => ({ PutRequest: { Item } })) } }),
  );
  assert.deepEqual(written.UnprocessedItems, {});
  const read = await documents.send(
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [...keys, { pk: "absent", sk: "s" }] } } }),
  );
  assert.equal(read.Responses[TableName].length, 25);
  assert.deepEqual(read.UnprocessedKeys, {});
  const segments = await Promise.all(
    [0, 1, 2, 3].map((Segment) =>
      all(paginateScan({ client: documents, pageSize: 3 }, { TableName, Segment, TotalSegments: 4 })),
    ),
  );
  const seen = segments.flat().flatMap((page) => page.Items.map((item) => item.pk));
  assert.deepEqual(seen.sort(), keys.map((key) => key.pk).sort());
  await assert.rejects(
    documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: [keys[0], keys[0]].map((Key) => ({ DeleteRequest: { Key } })) } }),
    ),
    { name: "ValidationException", message: "Provided list of item keys contains duplicates" },
  );
});

test("concurrent updates are all counted", async (t) => {
  const TableName = await makeTable(t);
  const Key = { pk: "counter", sk: "1" };
  const add = { TableName, Key, UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": 1 } };
  await Promise.all(Array.from({ length: 200 }, () => documents.send(new UpdateCommand(add))));
  const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  assert.equal(Item.n, 200);
  await documents.send(new DeleteCommand({ TableName, Key }));
});
