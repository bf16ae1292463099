import type {
  CreateReviewError,
  DeleteReviewError,
  GetRestaurantError,
  GetReviewError,
  ListRestaurantReviewsError,
  ListRestaurantsError,
  ListReviewsError,
  PatchReviewError,
  Problem,
  ReplaceReviewError,
  ProblemError as Violation,
} from "./generated/types.gen.js";
import type { Tries } from "./retry.js";

/** Every problem that an operation of v1 declares. */
export type KnownProblem = Extract<
  | CreateReviewError
  | DeleteReviewError
  | GetRestaurantError
  | GetReviewError
  | ListRestaurantReviewsError
  | ListRestaurantsError
  | ListReviewsError
  | PatchReviewError
  | ReplaceReviewError,
  Problem
>;

/** What code compares: "/problems/not-found", … */
export type ProblemType = KnownProblem["type"];

/** What all errors of this package are, but for an abort: that one is the signal's reason, as `fetch` has it. */
export abstract class FalafelError extends Error {
  abstract override readonly name: string;
}

/** There was no answer, or not all of it: the network, CORS, a time limit. What went wrong is the `cause`. */
export class NetworkError extends FalafelError {
  override readonly name = "NetworkError";

  /** How often the request was sent. */
  readonly attempts: number;

  constructor(request: Request, attempts: number, cause: unknown) {
    const times = attempts === 1 ? "" : ` (${attempts} attempts)`;
    super(`no answer to ${request.method} ${request.url}${times}: ${textOf(cause)}`, { cause });
    this.attempts = attempts;
  }
}

/**
 * The API answered with an error. It has the members of the problem (RFC 9457), so
 * that `switch (error.type)` tells the kinds apart. What is no problem, an error page
 * of a gateway for instance, has the type "about:blank".
 */
export class ApiError extends FalafelError implements Problem {
  override readonly name = "ApiError";
  readonly type: ProblemType | "about:blank" | (string & {});
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors: Violation[];
  readonly request_id?: string;

  /** Seconds that the server asks to wait. */
  readonly retryAfter?: number;

  /** How often the request was sent. */
  readonly attempts: number;

  /**
   * An attempt before this one ended without an answer, and may have been carried
   * out: then a 412 or 404 can be the echo of the request's own success.
   */
  readonly lostAnswer: boolean;

  readonly response: Response;

  constructor(body: unknown, response: Response, tries: Tries = { attempts: 1, lostAnswer: false }) {
    const problem = isObject(body) ? body : {};
    const title = text(problem["title"]) ?? (response.statusText || `Status ${response.status}`);
    // The earlier service's routes have one member, which is called error.
    const detail = text(problem["detail"]) ?? text(problem["error"]);
    super(detail ?? title);
    this.type = text(problem["type"]) ?? "about:blank";
    this.title = title;
    this.status = response.status;
    if (detail !== undefined) this.detail = detail;
    this.errors = Array.isArray(problem["errors"]) ? problem["errors"].filter(isViolation) : [];
    const requestId = text(problem["request_id"]) ?? response.headers.get("X-Request-Id");
    if (requestId !== null) this.request_id = requestId;
    const retryAfter = retryAfterOf(response);
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
    this.attempts = tries.attempts;
    this.lostAnswer = tries.lostAnswer;
    this.response = response;
  }
}

/** Whether the error is an answer of the API; of one of these types, where any are named. */
export function isProblem(error: unknown): error is ApiError;
export function isProblem<T extends ProblemType>(
  error: unknown,
  ...types: [T, ...T[]]
): error is ApiError & Extract<KnownProblem, { type: T }>;
export function isProblem(error: unknown, ...types: string[]): boolean {
  return error instanceof ApiError && (types.length === 0 || types.includes(error.type));
}

/** Seconds in Retry-After, which is a number or a date (RFC 9110, section 10.2.3). */
export function retryAfterOf(response: Response): number | undefined {
  const value = response.headers.get("Retry-After")?.trim();
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isViolation(value: unknown): value is Violation {
  return isObject(value) && typeof value["message"] === "string";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
