import { ApiError } from "./errors.js";
import { createClient, createConfig } from "./generated/client/index.js";
import { Operations, type Options } from "./generated/sdk.gen.js";
import type { CreateReviewData, PatchReviewData } from "./generated/types.gen.js";
import { defaultPolicy, type RetryPolicy, retrying, type Tries } from "./retry.js";

export interface FalafelOptions {
  /** Where the API is. "" is the page's own origin, in a browser. */
  baseUrl?: string;

  /** Sends the requests, in place of the platform's fetch. */
  fetch?: typeof fetch;

  /** Sent with every request. */
  headers?: Record<string, string>;

  /** When requests are sent again; false is never. */
  retry?: Partial<RetryPolicy> | false;
}

/** The API's operations, by the names that they have in its OpenAPI document. */
export class Falafel extends Operations {
  /** Has an Idempotency-Key, unless you choose one: however often it is sent, there is one review. */
  override createReview<ThrowOnError extends boolean = true>(options: Options<CreateReviewData, ThrowOnError>) {
    return super.createReview<ThrowOnError>({
      ...options,
      headers: { "Idempotency-Key": randomUUID(), ...options.headers },
    });
  }

  /** An object is sent as JSON Merge Patch, an array as JSON Patch. */
  override patchReview<ThrowOnError extends boolean = true>(options: Options<PatchReviewData, ThrowOnError>) {
    const kind = Array.isArray(options.body) ? "json-patch" : "merge-patch";
    const headers = { "Content-Type": `application/${kind}+json`, ...options.headers };
    return super.patchReview<ThrowOnError>({ ...options, headers });
  }
}

/** A client of its own: there is no global one, and nothing is shared. */
export function createFalafel(options: FalafelOptions = {}): Falafel {
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const policy = { ...defaultPolicy, ...(options.retry === false ? { attempts: 1 } : options.retry) };
  const tries = new WeakMap<Response, Tries>();
  const client = createClient(
    createConfig({
      baseUrl: options.baseUrl ?? "",
      fetch: retrying(send, policy, tries) as typeof fetch,
      ...(options.headers && { headers: options.headers }),
      throwOnError: true,
    }),
  );
  client.interceptors.error.use((error, response: Response | undefined) =>
    response ? new ApiError(error, response, tries.get(response)) : error,
  );
  return bound(new Falafel({ client }));
}

/** Methods work without their object: in `items(falafel.listReviews)`, or taken apart. */
function bound(falafel: Falafel): Falafel {
  for (const prototype of [Operations.prototype, Falafel.prototype]) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name === "constructor") continue;
      const method: unknown = Reflect.get(falafel, name);
      if (typeof method === "function") Object.defineProperty(falafel, name, { value: method.bind(falafel), configurable: true });
    }
  }
  return falafel;
}

/** crypto.randomUUID is for secure contexts alone: not for a phone that tries http://192.168.… */
function randomUUID(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
