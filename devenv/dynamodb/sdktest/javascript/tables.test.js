// Tables, transactions, PartiQL and streams.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  IdempotentParameterMismatchException,
  ListTagsOfResourceCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  TagResourceCommand,
  TransactionCanceledException,
  UntagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  paginateListTables,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import {
  BatchExecuteStatementCommand,
  DeleteCommand,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";

import { all, client, documents, makeTable, streams, waiting } from "./fixture.js";

test("a table is created, listed, described and deleted", async () => {
  const TableName = `sdktest-javascript-${process.pid}-${Date.now()}`;
  const input = {
    TableName,
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "N" }],
    ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 },
  };
  const { TableDescription } = await client.send(new CreateTableCommand(input));
  assert.match(TableDescription.TableArn, new RegExp(`^arn:aws:dynamodb:[^:]+:\\d{12}:table/${TableName}$`));
  assert.ok(TableDescription.CreationDateTime instanceof Date);
  await waitUntilTableExists(waiting, { TableName });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.equal(Table.ProvisionedThroughput.WriteCapacityUnits, 4);
  await assert.rejects(client.send(new CreateTableCommand(input)), ResourceInUseException);
  const pages = await all(paginateListTables({ client, pageSize: 1 }, {}));
  assert.ok(pages.flatMap((page) => page.TableNames).includes(TableName));
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists(waiting, { TableName });
  await assert.rejects(client.send(new DeleteTableCommand({ TableName })), ResourceNotFoundException);
});

test("an index added later has what was there before", async (t) => {
  const TableName = await makeTable(t);
  await documents.send(new PutCommand({ TableName, Item: { pk: "a", sk: "1", colour: "green" } }));
  await client.send(
    new UpdateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: "colour", AttributeType: "S" }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: "by-colour",
            KeySchema: [{ AttributeName: "colour", KeyType: "HASH" }],
            Projection: { ProjectionType: "ALL" },
          },
        },
      ],
    }),
  );
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table.GlobalSecondaryIndexes[0].IndexStatus === "ACTIVE" && Table.TableStatus === "ACTIVE") {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const found = await documents.send(
    new QueryCommand({
      TableName,
      IndexName: "by-colour",
      KeyConditionExpression: "colour = :c",
      ExpressionAttributeValues: { ":c": "green" },
    }),
  );
  assert.deepEqual(found.Items, [{ pk: "a", sk: "1", colour: "green" }]);
});

test("expiry, tags and limits are set and told", async (t) => {
  const TableName = await makeTable(t);
  await client.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "expires" } }),
  );
  const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  assert.equal(ttl.TimeToLiveDescription.AttributeName, "expires");
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const ResourceArn = Table.TableArn;
  const tags = [{ Key: "team", Value: "falafel" }, { Key: "stage", Value: "test" }];
  await client.send(new TagResourceCommand({ ResourceArn, Tags: tags }));
  await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["stage"] }));
  const told = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
  assert.deepEqual(told.Tags, [tags[0]]);
  assert.ok((await client.send(new DescribeLimitsCommand({}))).AccountMaxReadCapacityUnits > 0);
});

test("a transaction is all or nothing, and says why nothing", async (t) => {
  const TableName = await makeTable(t);
  const put = (sk, more) => ({ Put: { TableName, Item: { pk: "t", sk, n: 1 }, ...more } });
  await documents.send(new TransactWriteCommand({ TransactItems: [put("1"), put("2")] }));
  await assert.rejects(
    documents.send(
      new TransactWriteCommand({
        TransactItems: [
          put("3"),
          put("1", {
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        ],
      }),
    ),
    (error) => {
      assert.ok(error instanceof TransactionCanceledException);
      assert.deepEqual(error.CancellationReasons.map((reason) => reason.Code), ["None", "ConditionalCheckFailed"]);
      assert.equal(error.CancellationReasons[1].Message, "The conditional request failed");
      assert.deepEqual(error.CancellationReasons[1].Item, { pk: { S: "t" }, sk: { S: "1" }, n: { N: "1" } });
      assert.match(error.message, /\[None, ConditionalCheckFailed\]$/);
      return true;
    },
  );
  const got = await documents.send(
    new TransactGetCommand({
      TransactItems: ["1", "2", "3"].map((sk) => ({ Get: { TableName, Key: { pk: "t", sk } } })),
    }),
  );
  assert.deepEqual(got.Responses.map((response) => response.Item?.sk), ["1", "2", undefined]);
});

test("a client token makes a transaction happen once", async (t) => {
  const TableName = await makeTable(t);
  const add = (n) => ({
    ClientRequestToken: `token-${TableName}`.slice(0, 36),
    TransactItems: [
      {
        Update: {
          TableName,
          Key: { pk: "t", sk: "1" },
          UpdateExpression: "ADD n :n",
          ExpressionAttributeValues: { ":n": n },
        },
      },
    ],
  });
  await documents.send(new TransactWriteCommand(add(1)));
  await documents.send(new TransactWriteCommand(add(1)));
  await assert.rejects(documents.send(new TransactWriteCommand(add(2))), IdempotentParameterMismatchException);
  const { Items } = await documents.send(
    new QueryCommand({ TableName, KeyConditionExpression: "pk = :t", ExpressionAttributeValues: { ":t": "t" } }),
  );
  assert.deepEqual(Items, [{ pk: "t", sk: "1", n: 1 }]);
});

test("PartiQL inserts, selects, updates and deletes", async (t) => {
  const TableName = await makeTable(t);
  const run = (Statement, ...Parameters) =>
    documents.send(new ExecuteStatementCommand({ Statement, ...(Parameters.length && { Parameters }) }));
  await run(`INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': '1', 'tags': <<'a', 'b'>>, 'deep': {'n': 1}}`, "p");
  await run(`UPDATE "${TableName}" SET deep.n = deep.n + 1 WHERE pk = 'p' AND sk = '1'`);
  const selected = await run(`SELECT sk, deep.n, tags FROM "${TableName}" WHERE pk = ?`, "p");
  assert.deepEqual(selected.Items, [{ sk: "1", n: 2, tags: new Set(["a", "b"]) }]);
  await assert.rejects(run(`INSERT INTO "${TableName}" VALUE {'pk': 'p', 'sk': '1'}`), {
    name: "DuplicateItemException",
  });
  const batch = await documents.send(
    new BatchExecuteStatementCommand({
      Statements: [
        { Statement: `SELECT sk FROM "${TableName}" WHERE pk = 'p' AND sk = '1'` },
        { Statement: `SELECT sk FROM "sdktest-no-such-table" WHERE pk = 'p' AND sk = '1'` },
      ],
    }),
  );
  assert.equal(batch.Responses[0].Item.sk, "1");
  assert.equal(batch.Responses[1].Error.Code, "ResourceNotFound");
  await documents.send(
    new ExecuteTransactionCommand({
      TransactStatements: [{ Statement: `DELETE FROM "${TableName}" WHERE pk = 'p' AND sk = '1'` }],
    }),
  );
  assert.deepEqual((await run(`SELECT * FROM "${TableName}"`)).Items, []);
});

test("a stream tells what happened, in order", async (t) => {
  const TableName = await makeTable(t, {
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  await documents.send(new PutCommand({ TableName, Item: { pk: "s", sk: "1", n: 1 } }));
  await documents.send(new PutCommand({ TableName, Item: { pk: "s", sk: "1", n: 2 } }));
  await documents.send(new PutCommand({ TableName, Item: { pk: "s", sk: "1", n: 2 } })); // changes nothing
  await documents.send(new DeleteCommand({ TableName, Key: { pk: "s", sk: "1" } }));

  const StreamArn = Table.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  assert.equal(StreamDescription.StreamViewType, "NEW_AND_OLD_IMAGES");
  const records = [];
  for (const { ShardId } of StreamDescription.Shards) {
    let { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    for (let empty = 0; ShardIterator && empty < 3; ) {
      const page = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 2 }));
      records.push(...page.Records);
      empty = page.Records.length > 0 ? 0 : empty + 1;
      ShardIterator = page.NextShardIterator;
    }
  }
  assert.deepEqual(
    records.map(({ eventName, dynamodb }) => [eventName, dynamodb.OldImage?.n.N, dynamodb.NewImage?.n.N]),
    [
      ["INSERT", undefined, "1"],
      ["MODIFY", "1", "2"],
      ["REMOVE", "2", undefined],
    ],
  );
  assert.deepEqual(records[0].dynamodb.Keys, { pk: { S: "s" }, sk: { S: "1" } });
});
