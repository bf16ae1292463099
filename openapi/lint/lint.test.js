// Every rule of redocly.yaml refuses a document that somebody might write: the project's
// own, with one fault. All of them are read in one run of Redocly.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

const here = import.meta.dirname;
const original = readFileSync(join(here, "../openapi.json"), "utf8");
const configuration = readFileSync(join(here, "redocly.yaml"), "utf8");

const list = (document) => document.paths["/v1/reviews"].get;
const create = (document) => document.paths["/v1/restaurants/{restaurant}/reviews"].post;
const review = (document) => document.paths["/v1/restaurants/{restaurant}/reviews/{id}"];
const input = (document) => document.components.schemas.ReviewInput;

// rename moves an operation to another path.
const rename = (document, from, to) => {
  document.paths[to] = document.paths[from];
  delete document.paths[from];
};

// Faults, by the rule that finds them.
const faults = {
  struct: { "a member that OpenAPI does not know": (d) => (list(d).returns = {}) },
  "spec-components-invalid-map-name": { "a space in a name": (d) => (d.components.schemas["My Review"] = { ...input(d) }) },
  "no-unresolved-refs": { "a reference to nothing": (d) => (input(d).properties.currency = { $ref: "#/components/schemas/Nothing" }) },
  "no-unused-components": { "a schema that nobody uses": (d) => (d.components.schemas.Spare = { ...input(d) }) },
  "no-identical-paths": { "two names of one path": (d) => (d.paths["/v1/restaurants/{name}"] = d.paths["/v1/restaurants/{restaurant}"]) },
  "no-ambiguous-paths": { "a path that is two": (d) => (d.paths["/v1/{list}/all"] = d.paths["/v1/reviews"]) },
  "no-path-trailing-slash": { "a slash at the end": (d) => rename(d, "/v1/reviews", "/v1/reviews/") },
  "path-declaration-must-exist": { "an empty parameter": (d) => rename(d, "/v1/restaurants/{restaurant}", "/v1/restaurants/{}") },
  "path-not-include-query": { "a query in a path": (d) => rename(d, "/v1/reviews", "/v1/reviews?all=true") },
  "path-parameters-defined": { "a parameter that is not defined": (d) => rename(d, "/v1/reviews", "/v1/{list}/all") },
  "operation-parameters-unique": { "a parameter that is there twice": (d) => list(d).parameters.push(list(d).parameters[0]) },
  "operation-operationId": { "none": (d) => delete list(d).operationId },
  "operation-operationId-unique": { "one for two": (d) => (list(d).operationId = create(d).operationId) },
  "operation-operationId-url-safe": { "a space in it": (d) => (list(d).operationId = "list reviews") },
  "operation-tag-defined": { "a tag from nowhere": (d) => (list(d).tags = ["Meals"]) },
  "operation-singular-tag": { "two tags": (d) => list(d).tags.push("Restaurants") },
  "operation-summary": { "none": (d) => delete list(d).summary },
  "operation-description": { "none": (d) => delete list(d).description },
  "no-duplicated-tag-names": { "a tag that is there twice": (d) => d.tags.push(d.tags[0]) },
  "tag-description": { "none": (d) => delete d.tags[0].description },
  "info-license": { "no licence": (d) => delete d.info.license },
  "info-license-strict": { "a licence without an identifier": (d) => (d.info.license = { name: "MIT" }) },
  "no-empty-servers": { "no server": (d) => (d.servers = []) },
  "no-undefined-server-variable": { "a variable that is not defined": (d) => (d.servers[1].url = "https://{region}.falafel.dev") },
  "security-defined": { "nothing about credentials": (d) => delete d.security },
  "no-enum-type-mismatch": { "a number among texts": (d) => d.components.schemas.Currency.enum.push(978) },
  "no-required-schema-properties-undefined": { "a required member that there is not": (d) => input(d).required.push("author") },
  "no-schema-type-mismatch": { "a text with members": (d) => (input(d).type = "string") },
  "no-invalid-media-type-examples": { "a rating of 6": (d) => (review(d).get.responses[200].content["application/json"].example.rating = 6) },
  "no-invalid-parameter-examples": { "a page of 0": (d) => (list(d).parameters[0].example = 0) },
  "no-invalid-schema-examples": { "a rating of 6": (d) => (input(d).properties.rating.examples = [6]) },
  "no-example-value-and-externalValue": {
    "both": (d) => (Object.values(d.components.examples)[0].externalValue = "https://falafel.dev/example.json"),
  },
  "paths-kebab-case": { "a path in camelCase": (d) => rename(d, "/v1/reviews", "/v1/newestReviews") },
  "no-http-verbs-in-paths": { "a verb in a path": (d) => rename(d, "/v1/reviews", "/v1/get-reviews") },
  "parameter-description": { "none": (d) => delete list(d).parameters[0].description },
  "falafel/operation-ids": {
    "another verb": (d) => (list(d).operationId = "fetchReviews"),
    "a noun": (d) => (list(d).operationId = "reviews"),
    "snake_case": (d) => (list(d).operationId = "list_reviews"),
  },
  "falafel/names": {
    "a member in camelCase": (d) => (d.components.schemas.Review.properties.visitedAt = { type: "string", description: "When." }),
    "a query parameter in camelCase": (d) => (list(d).parameters[0].name = "pageSize"),
    "a header parameter in snake_case": (d) => (list(d).parameters.find((p) => p.in === "header").name = "if_none_match"),
    "a header field in lower case": (d) => {
      const { headers } = list(d).responses[200];
      headers["x-count"] = headers.ETag;
    },
  },
  "falafel/texts": {
    "a full stop after a summary": (d) => (list(d).summary += "."),
    "a summary in lower case": (d) => (list(d).summary = "list the newest reviews"),
    "a summary that is a paragraph": (d) => (list(d).summary = "List the newest reviews of every restaurant that anybody ever reviewed"),
    "an operation's description without a full stop": (d) => (list(d).description = "The newest reviews"),
    "an operation's description in lower case": (d) => (list(d).description = "the newest reviews."),
    "a description that is the summary": (d) => (list(d).description = list(d).summary),
    "a parameter's description without a full stop": (d) => (list(d).parameters[0].description = "How many"),
    "a response's description without a full stop": (d) => (list(d).responses[200].description = "A page"),
    "a member's description without a full stop": (d) => (input(d).properties.comment.description = "What to say"),
    "a header field's description without a full stop": (d) => (list(d).responses[200].headers.ETag.description = "Entity tag"),
    "a tag's description without a full stop": (d) => (d.tags[0].description = "Reviews"),
    "the document's description without a full stop": (d) => (d.info.description = "Reviews"),
  },
  "falafel/described": {
    "a member that is not": (d) => delete input(d).properties.comment.description,
    "a header field that is not": (d) => delete list(d).responses[200].headers.ETag.description,
    "a schema that is not": (d) => delete input(d).description,
  },
  "falafel/security": {
    "nothing about credentials": (d) => delete d.security,
    "a scheme that nobody uses": (d) => (d.components.securitySchemes = { key: { type: "apiKey", in: "header", name: "X-Api-Key" } }),
    "an operation with credentials": (d) => (list(d).security = [{ key: [] }]),
    "a 401": (d) => (list(d).responses[401] = list(d).responses[406]),
    "a 403": (d) => (list(d).responses[403] = list(d).responses[406]),
  },
  "falafel/examples": {
    "a request without one": (d) => {
      const body = create(d).requestBody.content["application/json"];
      delete body.example;
      delete body.examples;
    },
    "a response without one": (d) => {
      const body = list(d).responses[200].content["application/json"];
      delete body.example;
      delete body.examples;
    },
    "a body without a schema": (d) => delete create(d).requestBody.content["application/json"].schema,
    "a header field without one": (d) => delete list(d).responses[200].headers.ETag.example,
  },
  "falafel/inputs": {
    "a text without a length": (d) => delete input(d).properties.comment.maxLength,
    "a number without an end": (d) => delete input(d).properties.rating.maximum,
    "a query parameter without a length": (d) => delete list(d).parameters.find((p) => p.name === "cursor").schema.maxLength,
    "a list without a length": (d) => (input(d).properties.dishes = { type: "array", items: { type: "string", maxLength: 10 }, description: "What." }),
    "an object that takes anything": (d) => delete input(d).additionalProperties,
    "the same further down": (d) => (input(d).properties.place = { type: "object", properties: {}, description: "Where." }),
  },
  "falafel/errors": {
    ...Object.fromEntries([400, 406, 408, 413, 415, 422, 431, 500, 503].map((status) => [`no ${status}`, (d) => delete create(d).responses[status]])),
    "no 404": (d) => delete review(d).get.responses[404],
    "no 404 of a restaurant": (d) => delete d.paths["/v1/restaurants/{restaurant}"].get.responses[404],
    "no 412": (d) => delete review(d).delete.responses[412],
    "a default": (d) => (list(d).responses.default = list(d).responses[406]),
    "a range": (d) => (list(d).responses["4XX"] = list(d).responses[406]),
    "an error as JSON": (d) => {
      const { content } = d.components.responses.Internal;
      content["application/json"] = content["application/problem+json"];
      delete content["application/problem+json"];
    },
    "an error as JSON as well": (d) => {
      const { content } = d.components.responses.Internal;
      content["application/json"] = content["application/problem+json"];
    },
    "an error without a body": (d) => delete d.components.responses.Internal.content,
  },
  "falafel/headers": {
    "no X-Request-Id": (d) => delete list(d).responses[200].headers["X-Request-Id"],
    "no X-Request-Id of an error": (d) => delete d.components.responses.Internal.headers["X-Request-Id"],
    "no Server-Timing": (d) => delete list(d).responses[200].headers["Server-Timing"],
    "no ETag of a read": (d) => delete review(d).get.responses[200].headers.ETag,
    "no ETag of what has not changed": (d) => delete review(d).get.responses[304].headers.ETag,
    "no ETag of a write": (d) => delete review(d).put.responses[200].headers.ETag,
    "no Link of a list": (d) => delete list(d).responses[200].headers.Link,
    "no Location of what was made": (d) => delete create(d).responses[201].headers.Location,
    "no Retry-After": (d) => delete d.components.responses.DatabaseUnavailable.headers["Retry-After"],
    "no Deprecation": (d) => delete d.paths["/data"].get.responses[200].headers.Deprecation,
    "no Sunset": (d) => (list(d)["x-sunset"] = "2030-01-01"),
  },
};

const folder = mkdtempSync(join(tmpdir(), "falafel-lint-"));
after(() => rmSync(folder, { recursive: true }));

// lint returns the problems of documents, by file name.
function lint(files, config = join(here, "redocly.yaml")) {
  const redocly = join(here, "node_modules/.bin/redocly");
  const { stdout, stderr } = spawnSync(redocly, ["lint", ...files, "--config", config, "--format=json", "--max-problems=100000"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  });
  const reports = stdout.split(/(?<=^\})(?=\{$)/m); // an object for each document, one after the other
  assert.equal(reports.length, files.length, `Redocly: ${stdout.slice(0, 1000)} ${stderr}`);
  return Object.fromEntries(reports.map((report, i) => [files[i], JSON.parse(report).problems]));
}

const said = (problems) => problems.map(({ ruleId, message }) => `${ruleId}: ${message}`).join("\n");

test("the document keeps the rules", () => {
  writeFileSync(join(folder, "document.json"), original);
  const { "document.json": problems } = lint(["document.json"]);
  assert.equal(said(problems), "");
});

describe("a fault is found", () => {
  const files = {};
  for (const [rule, cases] of Object.entries(faults)) {
    for (const [name, fault] of Object.entries(cases)) {
      const document = JSON.parse(original);
      fault(document);
      const content = JSON.stringify(document);
      assert.notEqual(content, JSON.stringify(JSON.parse(original)), `${rule}: "${name}" is no fault: the document had it`);
      const file = `${Object.keys(files).length}.json`;
      writeFileSync(join(folder, file), content);
      files[file] = { rule, name };
    }
  }
  const found = lint(Object.keys(files));
  for (const [file, { rule, name }] of Object.entries(files)) {
    test(`${rule}: ${name}`, () => {
      assert.ok(found[file].some(({ ruleId, severity }) => ruleId === rule && severity === "error"), `not found; only:\n${said(found[file])}`);
    });
  }
});

test("no rule is without a fault that it finds", () => {
  const rules = [...configuration.matchAll(/^  ([a-zA-Z0-9/-]+):(?! off)/gm)].map(([, rule]) => rule);
  assert.deepEqual(rules.toSorted(), Object.keys(faults).toSorted());
});

test("an exception that excepts nothing is an error", () => {
  const config = join(folder, "redocly.yaml");
  writeFileSync(config, configuration.replace("./rules.js", join(here, "rules.js")).replace("except:\n", "except:\n      - unbounded nothing\n"));
  const { "document.json": problems } = lint(["document.json"], config);
  assert.match(said(problems), /falafel\/inputs: The exception "unbounded nothing" in redocly.yaml excepts nothing/);
});

test("the lock file names no registry", () => {
  assert.doesNotMatch(readFileSync(join(here, "package-lock.json"), "utf8"), /"resolved"/);
});
