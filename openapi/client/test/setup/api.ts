// Starts the real API, on a real DynamoDB with the sample reviews, as `go run ./devenv` does.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { freePort } from "./ports.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the API is. */
    api: string;
    /** Chromium's path; "" where there is none. */
    chromium: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "falafel-client-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  let environment: ChildProcess | undefined;
  try {
    // The environment keeps its state in the checkout, and one checkout has one
    // environment: the tests have a copy, so that they leave yours alone.
    const copy = copyCheckout(folder);
    const program = join(folder, "devenv");
    execFileSync("go", ["build", "-o", program, "./devenv"], { cwd: copy, stdio: ["ignore", "inherit", "inherit"] });

    const api = `http://127.0.0.1:${await freePort()}`;
    const address = (url: string) => new URL(url).host;
    environment = spawn(program, ["up", "--addr", address(api), "--metrics-addr", `127.0.0.1:${await freePort()}`], {
      cwd: copy,
      env: { ...process.env, FALAFEL_CORS_ORIGINS: process.env["TEST_CORS_ORIGINS"] ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    await ready(environment, api);
    project.provide("api", api);
    project.provide("chromium", process.env["TEST_CHROMIUM"] ?? "");
    const running = environment;
    return async () => {
      await stop(running);
      remove();
    };
  } catch (error) {
    if (environment) await stop(environment);
    remove();
    throw error;
  }
}

function copyCheckout(folder: string): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8", maxBuffer: 1 << 26 });
  const root = git("rev-parse", "--show-toplevel").trim();
  const files = git("-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate");
  const copy = join(folder, "checkout");
  for (const file of files.split("\0")) {
    if (file === "" || file.startsWith("openapi/client/")) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    try {
      cpSync(join(root, file), join(copy, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // deleted, not yet committed
    }
  }
  return copy;
}

/** Until the samples are there: they come last. */
async function ready(environment: ChildProcess, api: string): Promise<void> {
  let output = "";
  for (const stream of [environment.stdout, environment.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  }
  const deadline = Date.now() + 240_000;
  while (Date.now() < deadline) {
    if (environment.exitCode !== null || environment.signalCode !== null) throw new Error(`the API did not start:\n${output}`);
    if (/\d+ sample reviews are in table/.test(output) && (await answers(api))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the API was not ready in time:\n${output}`);
}

async function answers(api: string): Promise<boolean> {
  try {
    const response = await fetch(`${api}/v1/reviews?limit=1`);
    return response.ok && ((await response.json()) as { items: unknown[] }).items.length === 1;
  } catch {
    return false;
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const insist = setTimeout(() => child.kill("SIGKILL"), 30_000);
    child.on("exit", () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
