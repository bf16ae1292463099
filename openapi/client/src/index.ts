/**
 * Client of the Falafel API. Begin with {@link createFalafel}.
 *
 * @packageDocumentation
 */
export { ApiError, FalafelError, isProblem, type KnownProblem, NetworkError, type ProblemType } from "./errors.js";
export { createFalafel, type Falafel, type FalafelOptions } from "./falafel.js";
export type * from "./generated/types.gen.js";
export { items, type Page, pages } from "./pages.js";
export type { Retry, RetryPolicy } from "./retry.js";
export {
  ConflictError,
  deleteVersion,
  patchVersion,
  type ReviewPath,
  readVersion,
  replaceVersion,
  type Versioned,
  versionOf,
} from "./versions.js";
