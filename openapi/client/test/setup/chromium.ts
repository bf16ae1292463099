import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The Chromium of this machine, under the names that systems have for it: none is downloaded. */
export function findChromium(): string | undefined {
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]) {
    for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {}
    }
  }
  return undefined;
}

export function launchOptions(executablePath: string) {
  // Chromium refuses to be root's in its sandbox.
  return { executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] };
}
