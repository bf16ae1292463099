import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "../openapi.yaml",
  output: {
    path: "src/generated",
    importFileExtension: ".js", // Node resolves modules by their whole name
  },
  parser: {
    patch: {
      operations: {
        // Of several media types the generator reads the first: here, a JSON Patch alone.
        "PATCH /v1/restaurants/{restaurant}/reviews/{id}": (operation) => {
          if (!("requestBody" in operation) || !operation.requestBody || !("content" in operation.requestBody)) {
            throw new Error("patchReview has no body");
          }
          const schemas = Object.values(operation.requestBody.content).map(({ schema }) => schema);
          operation.requestBody.content = { "application/merge-patch+json": { schema: { oneOf: schemas.reverse() as never[] } } };
        },
      },
    },
  },
  plugins: [
    "@hey-api/typescript",
    { name: "@hey-api/client-fetch", throwOnError: true, baseUrl: false },
    {
      name: "@hey-api/sdk",
      client: false, // a global one: two APIs on one page are two clients
      operations: { strategy: "single", containerName: "Operations", methods: "instance" },
    },
  ],
});
