import { expect, inject, test } from "vitest";
import { ApiError, createFalafel, FalafelError, isProblem, NetworkError, type ProblemType } from "../src/index.js";
import { failure, newRestaurant, review } from "./setup/examples.js";
import { faulty } from "./setup/proxy.js";

const falafel = createFalafel({ baseUrl: inject("api") });
const nobody = { restaurant: newRestaurant(), id: "019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21" };

async function reused(): Promise<unknown> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const path = { restaurant: newRestaurant() };
  await falafel.createReview({ path, headers, body: review });
  return falafel.createReview({ path, headers, body: { ...review, rating: 1 } });
}

async function stale(): Promise<unknown> {
  const { data } = await falafel.createReview({ path: { restaurant: newRestaurant() }, body: review });
  return falafel.deleteReview({ path: { restaurant: data.restaurant, id: data.id }, headers: { "If-Match": '"2-4.5-8.5-EUR"' } });
}

const provoked: [ProblemType, number, () => Promise<unknown>][] = [
  ["/problems/not-found", 404, () => falafel.getReview({ path: nobody })],
  ["/problems/validation", 422, () => falafel.createReview({ path: nobody, body: { ...review, rating: 11 } })],
  ["/problems/precondition-failed", 412, stale],
  ["/problems/idempotency-key-reused", 422, reused],
  [
    "/problems/unsupported-media-type",
    415,
    () => falafel.createReview({ path: nobody, body: review, headers: { "Content-Type": "text/csv" } }),
  ],
  ["/problems/not-acceptable", 406, () => falafel.listReviews({ headers: { Accept: "application/xml" } })],
  ["/problems/malformed-request", 400, () => falafel.createReview({ path: nobody, body: review, bodySerializer: () => "{" })],
  [
    "/problems/content-too-large",
    413,
    () => falafel.createReview({ path: nobody, body: { ...review, comment: "x".repeat(103_000) } }),
  ],
];

test.each(provoked)("%s is typed", async (type, status, provoke) => {
  const error = await failure(provoke());
  expect(error).toBeInstanceOf(FalafelError);
  expect(isProblem(error)).toBe(true);
  expect(isProblem(error, type)).toBe(true);
  expect(isProblem(error, type === "/problems/validation" ? "/problems/not-found" : "/problems/validation")).toBe(false);
  expect(error).toMatchObject({ type, status, attempts: 1, lostAnswer: false });
  const problem = error as ApiError;
  expect(problem.title).not.toBe("");
  expect(problem.request_id).toBe(problem.response.headers.get("X-Request-Id"));
});

test("a validation problem names every rule that is broken", async () => {
  const error = await failure(falafel.createReview({ path: nobody, body: { ...review, rating: 11, cost: -1 } }));
  if (!isProblem(error, "/problems/validation")) throw error;
  const type: "/problems/validation" = error.type; // narrowed
  expect(type).toBe("/problems/validation");
  expect(error.errors.map(({ location }) => location).sort()).toEqual(["body.cost", "body.rating"]);
});

test("errors can be results, where one wants them so", async () => {
  const { data, error } = await falafel.getReview({ path: nobody, throwOnError: false });
  expect(data).toBeUndefined();
  expect(isProblem(error, "/problems/not-found")).toBe(true);
});

test("the earlier service's errors have no type, and their text as detail", async () => {
  const error = await failure(falafel.listEarlierReviews({ query: { falafel_restaurant: "" } }));
  expect(error).toMatchObject({ type: "about:blank", status: 400, detail: "falafel_restaurant query parameter is required" });
});

test("a page that is no problem, and a problem of a kind that is not known yet, are errors all the same", async () => {
  const proxy = await faulty(
    { status: 500, body: "<h1>Sorry</h1>" },
    {
      status: 451,
      headers: { "Content-Type": "application/problem+json", "Retry-After": "7" },
      body: JSON.stringify({ type: "/problems/new", title: "New", status: 451, errors: "none" }),
    },
    { status: 500, body: "null" },
  );
  const behind = createFalafel({ baseUrl: proxy.url });
  expect(await failure(behind.listReviews())).toMatchObject({
    type: "about:blank",
    status: 500,
    title: "Internal Server Error",
    errors: [],
  });
  expect(await failure(behind.listReviews())).toMatchObject({ type: "/problems/new", title: "New", retryAfter: 7, errors: [] });
  expect(await failure(behind.listReviews())).toMatchObject({ type: "about:blank", status: 500 });
});

test("where nothing answers, the error is of the network", async () => {
  const error = await failure(createFalafel({ baseUrl: "http://127.0.0.1:1", retry: false }).listReviews());
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({ attempts: 1, message: expect.stringContaining("GET http://127.0.0.1:1/v1/reviews") });
  expect((error as NetworkError).cause).toBeInstanceOf(TypeError);
  expect(isProblem(error)).toBe(false);
  expect(error).not.toBeInstanceOf(ApiError);
});

test("what has not changed is told by its status", async () => {
  const { data, response } = await falafel.createReview({ path: { restaurant: newRestaurant() }, body: review });
  const headers = { "If-None-Match": response.headers.get("ETag") ?? "" };
  expect(await failure(falafel.getReview({ path: { restaurant: data.restaurant, id: data.id }, headers }))).toMatchObject({
    status: 304,
  });
});
