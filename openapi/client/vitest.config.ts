import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { findChromium, launchOptions } from "./test/setup/chromium.js";
import { freePort } from "./test/setup/ports.js";

const chromium = findChromium();
if (!chromium) {
  const demanded = process.env["FALAFEL_TEST_BROWSER"];
  if (demanded)
    throw new Error(
      "FALAFEL_TEST_BROWSER demands a Chromium, and there is none: sudo apt install chromium, or your system's way",
    );
  console.warn(
    "\nNOT TESTED IN A BROWSER: there is no Chromium on this machine (set FALAFEL_TEST_BROWSER=1 to have that fail)\n",
  );
}

// The API has to know before it starts from where the browser's tests call it.
const port = await freePort();
process.env["TEST_CORS_ORIGINS"] = `http://127.0.0.1:${port},http://localhost:${port}`;
process.env["TEST_CHROMIUM"] = chromium ?? "";

const everywhere = ["test/*.test.ts"];
const projects: TestProjectConfiguration[] = [
  { test: { name: "node", include: [...everywhere, "test/node/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
];
if (chromium) {
  projects.push({
    test: {
      name: "chromium",
      include: [...everywhere, "test/browser/*.test.ts"],
      testTimeout: 60_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        api: { host: "127.0.0.1", port, strictPort: true },
        provider: playwright({ launchOptions: launchOptions(chromium) }),
        instances: [{ browser: "chromium" }],
      },
    },
  });
}

export default defineConfig({
  test: { projects, globalSetup: ["test/setup/api.ts", "test/setup/faults.ts"] },
});
