import { inject } from "vitest";
import type { Fate, Seen } from "./faults.js";

/** A proxy in front of the API, which does this to the requests that come. */
export async function faulty(...fates: Fate[]): Promise<{ url: string; seen: () => Promise<Seen[]> }> {
  const control = inject("faults");
  const answer = await fetch(control, { method: "POST", body: JSON.stringify(fates) });
  const { url } = (await answer.json()) as { url: string };
  return { url, seen: async () => (await (await fetch(`${control}?of=${encodeURIComponent(url)}`)).json()) as Seen[] };
}
