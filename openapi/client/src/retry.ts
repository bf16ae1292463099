// Own code, since the field's packages either retry any promise, and so know neither
// methods nor Retry-After, or are whole clients of their own.

import { NetworkError, retryAfterOf } from "./errors.js";

/** When a request is sent again. */
export interface RetryPolicy {
  /** How often it is sent at most, the first time included (4). */
  attempts: number;

  /** The wait is drawn from 0 to this, doubled with every attempt, in milliseconds (250). */
  baseDelayMs: number;

  /** The longest wait that is drawn, in milliseconds (8,000). */
  maxDelayMs: number;

  /** What the server may ask for in Retry-After; if it asks for more, its error is the result, in milliseconds (30,000). */
  maxRetryAfterMs: number;

  /** Time for one attempt, its answer's body included, in milliseconds (15,000: the API itself gives up after 10). */
  timeoutMs: number;

  /** Called before each wait. */
  onRetry?: ((retry: Retry) => void) | undefined;
}

/** A request that is about to be sent again. */
export interface Retry {
  request: Request;
  /** Of the attempt that failed; 1 is the first. */
  attempt: number;
  delayMs: number;
  /** The answer, or what there was in its place. */
  reason: Response | NetworkError;
}

/** What it took to get an answer. */
export interface Tries {
  attempts: number;
  lostAnswer: boolean;
}

export const defaultPolicy: RetryPolicy = {
  attempts: 4,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 30_000,
  timeoutMs: 15_000,
};

/** What a later attempt may change: the service's own passing troubles, and those of a gateway before it. */
const passing = new Set([408, 429, 502, 503, 504]);

/** Wraps fetch. The tries of each answer are put into `tries`. */
export function retrying(
  send: (request: Request) => Promise<Response>,
  policy: RetryPolicy,
  tries: WeakMap<Response, Tries>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    let lostAnswer = false;
    for (let attempt = 1; ; attempt++) {
      const result = await once(send, request, attempt, policy.timeoutMs);
      const lost = result instanceof NetworkError;
      const delayMs = attempt < policy.attempts && repeatable(request) ? delayAfter(result, attempt, policy) : undefined;
      if (delayMs === undefined) {
        if (lost) throw result;
        tries.set(result, { attempts: attempt, lostAnswer });
        return result;
      }
      // A gateway that failed may have lost the answer as well.
      lostAnswer ||= lost || result.status === 502 || result.status === 504;
      policy.onRetry?.({ request, attempt, delayMs, reason: result });
      await sleep(delayMs, request.signal);
    }
  };
}

/** Reads the answer whole, so that one that breaks off is no answer. Throws an abort alone. */
async function once(
  send: (request: Request) => Promise<Response>,
  request: Request,
  attempt: number,
  timeoutMs: number,
): Promise<Response | NetworkError> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await send(new Request(request.clone(), { signal }));
    await response.clone().arrayBuffer();
    return response;
  } catch (cause) {
    request.signal.throwIfAborted();
    return new NetworkError(request, attempt, cause);
  }
}

/**
 * Whether the request may be carried out twice (RFC 9110, section 9.2.2). An
 * Idempotency-Key makes a POST once; If-Match makes a PATCH fail where it was carried
 * out already.
 */
function repeatable(request: Request): boolean {
  switch (request.method) {
    case "POST":
      return request.headers.has("Idempotency-Key");
    case "PATCH":
      return request.headers.has("If-Match");
    default:
      return true;
  }
}

/** Full jitter: clients that failed together do not come back together. */
function delayAfter(result: Response | NetworkError, attempt: number, policy: RetryPolicy): number | undefined {
  const drawn = Math.random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  if (result instanceof NetworkError) return drawn;
  if (!passing.has(result.status)) return undefined;
  const asked = (retryAfterOf(result) ?? 0) * 1000;
  return asked <= policy.maxRetryAfterMs ? asked + drawn : undefined;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
