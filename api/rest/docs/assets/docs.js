"use strict";

// A library in the renderer tries whether it may compile code, and does without where it
// may not. The page's Content-Security-Policy forbids it; said here, it is no violation.
globalThis.Function = new Proxy(Function, {
  construct() {
    throw new EvalError("no code is made from strings here");
  },
});

// The samples that are shown: one client for each of four languages. The renderer takes
// a list of those that are not.
const hiddenClients = {
  shell: ["wget", "httpie"],
  js: ["axios", "ofetch", "jquery", "xhr"],
  python: ["python3", "httpx_sync", "httpx_async", "aiohttp"],
};
for (const language of [
  "c", "clojure", "csharp", "dart", "fsharp", "http", "java", "kotlin", "node", "objc",
  "ocaml", "php", "powershell", "r", "ruby", "rust", "swift",
]) {
  hiddenClients[language] = true;
}

addEventListener("DOMContentLoaded", () => {
  Scalar.createApiReference("#reference", {
    url: "openapi.json", // beside /docs, also where a proxy puts a prefix before both
    // Nothing leaves the machine: no fonts, no proxy, no telemetry, no services of the
    // renderer's maker. The policy would stop them; a test looks that none is tried.
    withDefaultFonts: false,
    telemetry: false,
    proxyUrl: "",
    agent: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: "never",
    // The order and the names are those of the document.
    orderSchemaPropertiesBy: "preserve",
    orderRequiredPropertiesFirst: false,
    showOperationId: true,
    documentDownloadType: "direct",
    defaultOpenAllTags: true,
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    hiddenClients,
  });
});
