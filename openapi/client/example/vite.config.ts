import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const api = process.env["FALAFEL_API"] ?? "http://127.0.0.1:3000";

export default defineConfig({
  root: import.meta.dirname,
  server: { port: 5173, proxy: { "/v1": api } },
  // Here the package is its source. Elsewhere it is installed, and this is not needed.
  resolve: { alias: { "@pretendfriend/falafel-api": fileURLToPath(new URL("../src/index.ts", import.meta.url)) } },
});
