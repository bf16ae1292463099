// What is published: the tarball, in projects that have nothing else.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

/** Bytes of everything that the package exports, minified and compressed by gzip. */
const sizeBound = 7_000;

const here = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "falafel-package-"));
const consumer = join(folder, "consumer");
const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
let tarball = "";
let packed: string[] = [];

/** Runs a program, and shows what it said where it fails. */
async function run(program: string, args: string[], cwd = here): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd, maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout}\n${stderr}`, { cause: error });
  }
}

function tool(name: string, ...args: string[]): Promise<string> {
  return run(join(here, "node_modules/.bin", name), args);
}

beforeAll(async () => {
  const [one] = JSON.parse(await run("npm", ["pack", "--json", "--silent", "--pack-destination", folder])) as [
    { filename: string; files: { path: string }[] },
  ];
  tarball = join(folder, one.filename);
  packed = one.files.map(({ path }) => path).sort();
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{"name":"consumer","private":true,"type":"module"}');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], consumer);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the version is the API's", () => {
  const { info } = JSON.parse(readFileSync(join(here, "../openapi.json"), "utf8"));
  expect(manifest.version).toBe(info.version);
});

test("the tarball has the code with types and source maps, a licence and a README, and nothing else", () => {
  const others = packed.filter((path) => !/^dist\/.*\.(js|d\.ts|js\.map)$/.test(path));
  expect(others).toEqual(["LICENSE", "README.md", "package.json"]);
  const modules = packed.filter((path) => path.endsWith(".js"));
  expect(modules).toContain("dist/index.js");
  for (const path of modules) {
    expect(packed).toContain(path.replace(/\.js$/, ".d.ts"));
    const map = JSON.parse(readFileSync(join(consumer, "node_modules", manifest.name, `${path}.map`), "utf8"));
    expect(map.sourcesContent?.[0]).toBeTruthy();
  }
});

test("it has no dependencies", () => {
  expect(Object.keys(manifest).filter((key) => /dependencies$/i.test(key))).toEqual(["devDependencies"]);
  expect(readdirSync(join(consumer, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["@pretendfriend"]);
});

test("publint and Are the Types Wrong find nothing", async () => {
  await tool("publint", "--strict", tarball);
  await tool("attw", "--profile", "esm-only", tarball);
});

test(`it is at most ${sizeBound} bytes, minified and compressed`, async () => {
  const entry = join(consumer, "node_modules", manifest.name, "dist/index.js");
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    platform: "browser",
  });
  const [file] = bundle.outputFiles;
  const size = gzipSync(file?.contents ?? "", { level: 9 }).length;
  console.log(`size: ${file?.contents.length} bytes minified, ${size} with gzip`);
  expect(size).toBeLessThanOrEqual(sizeBound);
});

/** The README's TypeScript: its blocks are one program, but for those that name a file. */
const blocks = [...readFileSync(join(here, "README.md"), "utf8").matchAll(/^```ts(?: (\S+))?\n(.*?)^```$/gms)].map(
  ([, file = "readme.ts", code = ""]) => ({ file, code }),
);

test.each(["node16", "bundler"])("the README's code has the right types, with moduleResolution %s", async (moduleResolution) => {
  const project = join(consumer, moduleResolution);
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(join(here, "node_modules/vite"), join(project, "node_modules/vite"));
  for (const { file } of blocks) {
    const code = blocks.filter((block) => block.file === file).map((block) => block.code);
    writeFileSync(join(project, file), code.join("\n"));
  }
  const compilerOptions = {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: "es2022",
    lib: ["es2023", "dom", "dom.iterable"],
    types: [],
    module: moduleResolution === "node16" ? "node16" : "esnext",
    moduleResolution,
    skipLibCheck: false,
  };
  // Vite's own types want Node's.
  const check = (files: string[], more: object) => {
    const config = join(project, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...compilerOptions, ...more }, files }));
    return tool("tsc", "-p", config);
  };
  expect(blocks.map(({ file }) => file)).toContain("vite.config.ts");
  await check(["readme.ts"], {});
  await check(["vite.config.ts"], { skipLibCheck: true, types: ["node"], typeRoots: [join(here, "node_modules/@types")] });
});

test("the README's code runs", async () => {
  const program = blocks.filter(({ file }) => file === "readme.ts").map(({ code }) => code);
  const { code } = await transform(program.join("\n").replaceAll("http://127.0.0.1:3000", inject("api")), {
    loader: "ts",
    format: "esm",
  });
  writeFileSync(join(consumer, "readme.mjs"), code);
  const output = await run(process.execPath, ["readme.mjs"], consumer);
  for (const said of ["the newest: Crisp!", "body.rating", "\ntrue\n", "you saw"]) expect(output).toContain(said);
});
