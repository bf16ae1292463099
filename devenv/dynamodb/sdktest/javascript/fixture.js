// What the tests share: clients as an application makes them, configured by nothing but
// AWS_ENDPOINT_URL_DYNAMODB and its like, and tables that end with their test.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";

import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

export const client = new DynamoDBClient({ maxAttempts: 1 });
export const streams = new DynamoDBStreamsClient({ maxAttempts: 1 });
export const documents = DynamoDBDocumentClient.from(client);

// The SDK does not look at the checksum of an answer, as those for Go and Python do.
client.middlewareStack.add(
  (next) => async (args) => {
    const result = await next(args);
    const chunks = [];
    for await (const chunk of result.response.body) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    assert.equal(result.response.headers["x-amz-crc32"], String(crc32(body)), "X-Amz-Crc32");
    result.response.body = Readable.from([body]);
    return result;
  },
  { step: "deserialize", priority: "low", name: "checksum" },
);

export const waiting = { client, minDelay: 0.02, maxDelay: 0.2, maxWaitTime: 30 };

/** Creates a table with string keys "pk" and "sk", and deletes it after the test. */
export async function makeTable(t, more = {}) {
  const TableName = `sdktest-javascript-${randomUUID()}`;
  const { attributes = [], ...input } = more;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        ...attributes,
      ],
      ...input,
    }),
  );
  t.after(() => client.send(new DeleteTableCommand({ TableName })));
  await waitUntilTableExists(waiting, { TableName });
  return TableName;
}

/** Collects what a paginator yields. */
export async function all(pages) {
  const list = [];
  for await (const page of pages) {
    list.push(page);
  }
  return list;
}
