// Our rules for the OpenAPI document. Each says what is wrong in one sentence, at the
// place where it is wrong.

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
const problemJSON = "application/problem+json";

// follow resolves a reference; it returns what is no reference as it is.
function follow(node, ctx) {
  while (node?.$ref) node = ctx.resolve(node).node;
  return node;
}

// exceptions are those of a rule in redocly.yaml. One that was not used excepts nothing.
function exceptions({ except = [] }) {
  const unused = new Set(except);
  return {
    has(exception) {
      unused.delete(exception);
      return except.includes(exception);
    },
    root: {
      leave(_, ctx) {
        for (const exception of unused) {
          ctx.report({ message: `The exception "${exception}" in redocly.yaml excepts nothing: remove it.` });
        }
      },
    },
  };
}

// report is for a place below the node that is visited.
const report = (ctx, message, ...path) => ctx.report({ message, location: ctx.location.child(path) });

// Methods of generated clients: a verb of the list, and a noun.
function operationIds({ verbs = [] }) {
  return {
    Operation(operation, ctx) {
      const [, verb] = /^([a-z]+)([A-Z][a-z0-9]*)+$/.exec(operation.operationId ?? "") ?? [];
      if (!verbs.includes(verb)) {
        report(ctx, `An operationId is a verb (${verbs.join(", ")}) and a noun in camelCase, which "${operation.operationId}" is not.`, "operationId");
      }
    },
  };
}

// Members are in snake_case, parameters of a query too, and header fields in Train-Case.
function names() {
  const snake = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
  const train = /^([A-Z][A-Za-z0-9]*)(-[A-Z][A-Za-z0-9]*)*$/;
  return {
    Schema(schema, ctx) {
      for (const name of Object.keys(schema.properties ?? {})) {
        if (!snake.test(name)) report(ctx, `The member "${name}" is not in snake_case.`, "properties", name);
      }
    },
    Parameter(parameter, ctx) {
      const form = parameter.in === "header" ? train : snake;
      if (!form.test(parameter.name)) report(ctx, `The ${parameter.in} parameter "${parameter.name}" is not in ${form === snake ? "snake_case" : "Train-Case"}.`, "name");
    },
    Response(response, ctx) {
      for (const name of Object.keys(response.headers ?? {})) {
        if (!train.test(name)) report(ctx, `The header field "${name}" is not in Train-Case.`, "headers", name);
      }
    },
  };
}

// Summaries are titles, descriptions sentences.
function texts() {
  const sentence = (node, ctx) => {
    const text = node.description?.trim();
    if (text !== undefined && !/[.?!)\]]$/.test(text)) report(ctx, "A description ends like a sentence.", "description");
    if (text !== undefined && /^[a-z]/.test(text) && !/^(null|true|false)\b/.test(text)) report(ctx, "A description begins like a sentence.", "description");
  };
  return {
    Operation(operation, ctx) {
      const summary = operation.summary ?? "";
      if (/[.!:]\s*$/.test(summary)) report(ctx, "A summary is a title, without a full stop.", "summary");
      if (!/^[A-Z]/.test(summary) || summary.length > 60) report(ctx, "A summary begins with a capital and has at most 60 characters.", "summary");
      if (operation.description === operation.summary) report(ctx, "The description says no more than the summary.", "description");
      sentence(operation, ctx);
    },
    Info: sentence,
    Tag: sentence,
    Parameter: sentence,
    Header: sentence,
    Response: sentence,
    Schema: sentence,
  };
}

// Whatever a client meets is described: parameters are by a rule of Redocly's.
function described() {
  const isDescribed = (node, ctx) => node.description || follow(node, ctx)?.description;
  return {
    Schema(schema, ctx) {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        // A kind of problem says by its type alone which one it is.
        if (!isDescribed(property, ctx) && property.enum?.length !== 1) report(ctx, `The member "${name}" is not described.`, "properties", name);
      }
    },
    Response(response, ctx) {
      for (const [name, header] of Object.entries(response.headers ?? {})) {
        if (!isDescribed(header, ctx)) report(ctx, `The header field "${name}" is not described.`, "headers", name);
      }
    },
    NamedSchemas(schemas, ctx) {
      for (const [name, schema] of Object.entries(schemas)) {
        if (!schema.description && !schema.allOf) report(ctx, `The schema "${name}" is not described.`, name);
      }
    },
  };
}

// The API is for everyone. To say so takes `security: []`: a document without it leaves
// open whether somebody forgot. It then knows no credentials anywhere.
function security() {
  let isPublic = false;
  return {
    Root: {
      enter(root, ctx) {
        isPublic = root.security?.length === 0;
        if (root.security === undefined) report(ctx, "The document does not say what credentials it takes: `security: []` is none.");
        if (isPublic && root.components?.securitySchemes) report(ctx, "The API takes no credentials, and has schemes for them.", "components", "securitySchemes");
      },
    },
    Operation(operation, ctx) {
      if (isPublic && operation.security?.length) report(ctx, "The API takes no credentials, but this operation does.", "security");
      for (const status of ["401", "403"]) {
        if (isPublic && operation.responses?.[status]) report(ctx, `The API takes no credentials, so that nobody gets ${status}.`, "responses", status);
      }
    },
  };
}

// Every body that is sent or answered is shown, and so is every header field of an answer.
function examples() {
  const shown = (node) => node.example !== undefined || Object.keys(node.examples ?? {}).length > 0;
  return {
    MediaType(mediaType, ctx) {
      if (!mediaType.schema) report(ctx, "A body has no schema.");
      if (!shown(mediaType)) report(ctx, "A body has no example.");
    },
    Header(header, ctx) {
      if (!shown(header) && !shown(header.schema ?? {})) report(ctx, "A header field has no example.");
    },
  };
}

// What a client sends is bounded, and has no members but those that are described.
function inputs(options) {
  const excepted = exceptions(options);
  const bounded = {
    string: (s) => s.maxLength !== undefined || s.enum || s.const !== undefined || ["uuid", "date-time", "date"].includes(s.format),
    array: (s) => s.maxItems !== undefined,
    number: (s) => (s.minimum ?? s.exclusiveMinimum) !== undefined && (s.maximum ?? s.exclusiveMaximum) !== undefined,
  };
  bounded.integer = bounded.number;
  const look = (node, ctx, owner, at) => {
    if (node?.$ref) owner = node.$ref.split("/").at(-1);
    const schema = follow(node, ctx);
    if (!schema || schema.readOnly) return;
    const types = [schema.type ?? []].flat();
    for (const type of types) {
      if (bounded[type] && !bounded[type](schema) && !excepted.has(`unbounded ${owner}`)) {
        report(ctx, `The ${type} ${at} of ${owner} has no bounds: what a client sends is bounded.`);
      }
    }
    if (types.includes("object") && schema.additionalProperties !== false && !excepted.has(`open ${owner}`)) {
      report(ctx, `The object ${at} of ${owner} takes any member: \`additionalProperties: false\`.`);
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) look(property, ctx, owner, `${at}.${name}`);
    if (schema.items) look(schema.items, ctx, owner, `${at}[]`);
    for (const part of [schema.allOf, schema.oneOf, schema.anyOf].flat()) if (part) look(part, ctx, owner, at);
  };
  return {
    Root: excepted.root,
    Operation(operation, ctx) {
      for (const reference of operation.parameters ?? []) {
        const parameter = follow(reference, ctx);
        // Header fields are bounded by 431, all of them together.
        if (parameter.in !== "header") look(parameter.schema, ctx, operation.operationId, parameter.name);
      }
      for (const { schema } of Object.values(follow(operation.requestBody, ctx)?.content ?? {})) look(schema, ctx, operation.operationId, "body");
    },
  };
}

// Which errors an operation has follows from what it is asked.
function errors(options) {
  const excepted = exceptions(options);
  return {
    Root: excepted.root,
    Operation(operation, ctx) {
      const id = operation.operationId;
      const parameters = (operation.parameters ?? []).map((parameter) => follow(parameter, ctx));
      const expected = { 406: "every operation negotiates", 422: "every operation checks what it is sent", 431: "every operation reads header fields", 500: "every operation may fail", 503: "every operation needs the database" };
      if (operation.requestBody) Object.assign(expected, { 400: "it reads a body", 408: "it reads a body", 413: "it reads a body", 415: "it reads a body" });
      if (parameters.some(({ in: where, name }) => where === "path" && name === "id") || id === "getRestaurant") expected[404] = "it asks for one resource";
      if (parameters.some(({ name }) => name === "If-Match")) expected[412] = "it takes If-Match";
      for (const [status, why] of Object.entries(expected)) {
        if (!operation.responses?.[status] && !excepted.has(`${status} ${id}`)) report(ctx, `${id} lists no ${status}, but ${why}.`, "responses");
      }
      for (const [status, reference] of Object.entries(operation.responses ?? {})) {
        if (!/^[45]\d\d$/.test(status) && !/^[23]\d\d$/.test(status)) report(ctx, `${status} is no status: name each one.`, "responses", status);
        // net/http answers 431 itself, before anything of ours.
        if (!/^[45]/.test(status) || status === "431") continue;
        const content = Object.keys(follow(reference, ctx).content ?? {});
        if ((content.length !== 1 || content[0] !== problemJSON) && !excepted.has(`media-type ${id}`)) {
          report(ctx, `${id} answers ${status} as ${content.join(", ") || "nothing"}; errors are ${problemJSON} alone.`, "responses", status);
        }
      }
    },
  };
}

// Header fields on which clients build.
function headers(options) {
  const excepted = exceptions(options);
  return {
    Root: excepted.root,
    Operation: {
      enter(operation, ctx) {
        const id = operation.operationId;
        const method = ctx.key;
        if (!methods.includes(method)) return;
        for (const [status, reference] of Object.entries(operation.responses ?? {})) {
          if (status === "431") continue; // net/http's own
          const expected = ["X-Request-Id", "Server-Timing"];
          if (method === "get" && ["200", "304"].includes(status)) expected.push("ETag");
          if (method !== "get" && ["200", "201"].includes(status)) expected.push("ETag");
          if (status === "200" && id?.startsWith("list")) expected.push("Link");
          if (status === "201") expected.push("Location");
          if (status === "503") expected.push("Retry-After");
          if (operation.deprecated) expected.push("Deprecation");
          if (operation["x-sunset"]) expected.push("Sunset");
          const declared = follow(reference, ctx).headers ?? {};
          for (const name of expected) {
            if (!declared[name] && !excepted.has(`${name} ${id}`)) report(ctx, `${id} answers ${status} without ${name}.`, "responses", status);
          }
        }
      },
    },
  };
}

export default function falafel() {
  return {
    id: "falafel",
    rules: {
      oas3: {
        "operation-ids": operationIds,
        names,
        texts,
        described,
        security,
        examples,
        inputs,
        errors,
        headers,
      },
    },
  };
}
