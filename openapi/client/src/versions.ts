import { FalafelError, isProblem } from "./errors.js";
import type { Falafel } from "./falafel.js";
import type { PatchReviewData, Review, ReviewInputWritable, ReviewPatch } from "./generated/types.gen.js";

export type ReviewPath = PatchReviewData["path"];

/** A review, and the entity tag of the state that it is in. */
export interface Versioned {
  review: Review;
  etag: string;
}

/** Somebody else changed the review, or deleted it, since it was read. Nothing was written. */
export class ConflictError extends FalafelError {
  override readonly name = "ConflictError";

  /** What the change was made to. */
  readonly base: Versioned;

  /** What is there now; undefined where the review was deleted. */
  readonly current: Versioned | undefined;

  constructor(base: Versioned, current: Versioned | undefined, cause: unknown) {
    super(current ? "the review was changed by somebody else" : "the review was deleted by somebody else", { cause });
    this.base = base;
    this.current = current;
  }
}

/** Reads a review with its entity tag. */
export async function readVersion(falafel: Falafel, path: ReviewPath, signal?: AbortSignal): Promise<Versioned> {
  return versionOf(await falafel.getReview({ path, ...(signal && { signal }) }));
}

/** The review and entity tag of an answer, of createReview for instance. */
export function versionOf(answer: { data: Review; response: Response }): Versioned {
  const etag = answer.response.headers.get("ETag");
  if (etag === null) throw new TypeError("the answer has no ETag: does Access-Control-Expose-Headers, or a proxy, keep it back?");
  return { review: answer.data, etag };
}

/** Changes members of a review, if it is still as it was read. Otherwise throws a {@link ConflictError}. */
export function patchVersion(falafel: Falafel, base: Versioned, change: ReviewPatch, signal?: AbortSignal): Promise<Versioned> {
  return unlessChanged(falafel, base, change, signal, async () =>
    versionOf(await falafel.patchReview({ ...conditional(base, signal), body: change })),
  );
}

/** Replaces a review, if it is still as it was read. Otherwise throws a {@link ConflictError}. */
export function replaceVersion(
  falafel: Falafel,
  base: Versioned,
  content: ReviewInputWritable,
  signal?: AbortSignal,
): Promise<Versioned> {
  const all = { comment: null, currency: null, ...content } satisfies ReviewPatch;
  return unlessChanged(falafel, base, all, signal, async () =>
    versionOf(await falafel.replaceReview({ ...conditional(base, signal), body: content })),
  );
}

/** Deletes a review, if it is still as it was read. Otherwise throws a {@link ConflictError}. */
export async function deleteVersion(falafel: Falafel, base: Versioned, signal?: AbortSignal): Promise<void> {
  try {
    await falafel.deleteReview(conditional(base, signal));
  } catch (error) {
    if (isProblem(error, "/problems/not-found")) return; // which is what was wanted
    if (!isProblem(error, "/problems/precondition-failed")) throw error;
    throw new ConflictError(base, await currentOf(falafel, base, signal), error);
  }
}

/**
 * After an answer was lost, the request that is sent again may find its own success:
 * the review one version on, with just what was asked for. That is no conflict.
 */
async function unlessChanged(
  falafel: Falafel,
  base: Versioned,
  change: ReviewPatch,
  signal: AbortSignal | undefined,
  write: () => Promise<Versioned>,
): Promise<Versioned> {
  try {
    return await write();
  } catch (error) {
    if (!isProblem(error, "/problems/precondition-failed", "/problems/not-found")) throw error;
    const current = await currentOf(falafel, base, signal);
    if (current && error.lostAnswer && isOwn(base.review, change, current.review)) return current;
    throw new ConflictError(base, current, error);
  }
}

function isOwn(base: Review, change: ReviewPatch, current: Review): boolean {
  const defaults = { comment: "", currency: "EUR" };
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const wanted: Record<string, unknown> = { ...base };
  for (const [member, value] of given) wanted[member] = value ?? Reflect.get(defaults, member);
  return (
    current.version === base.version + 1 &&
    current.rating === wanted["rating"] &&
    current.cost === wanted["cost"] &&
    current.currency === wanted["currency"] &&
    current.comment === wanted["comment"] &&
    Date.parse(current.visited_at) === Date.parse(String(wanted["visited_at"]))
  );
}

async function currentOf(falafel: Falafel, base: Versioned, signal?: AbortSignal): Promise<Versioned | undefined> {
  try {
    return await readVersion(falafel, pathOf(base), signal);
  } catch (error) {
    if (isProblem(error, "/problems/not-found")) return undefined;
    throw error;
  }
}

function conditional(base: Versioned, signal: AbortSignal | undefined) {
  return { path: pathOf(base), headers: { "If-Match": base.etag }, ...(signal && { signal }) };
}

function pathOf(base: Versioned): ReviewPath {
  return { restaurant: base.review.restaurant, id: base.review.id };
}
