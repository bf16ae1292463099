// The browser's tests run on a page of another origin than the API's: all of them pass
// CORS. Here is what it lets through.

import { expect, inject, test } from "vitest";
import { createFalafel, NetworkError, readVersion } from "../../src/index.js";
import { failure, newRestaurant, review } from "../setup/examples.js";
import { faulty } from "../setup/proxy.js";

const falafel = createFalafel({ baseUrl: inject("api") });

test("the page is of another origin", () => {
  expect(location.origin).not.toBe(new URL(inject("api")).origin);
});

test("the headers that a client needs are exposed", async () => {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const path = { restaurant: newRestaurant() };
  const created = await falafel.createReview({ path, headers, body: review });
  for (const name of ["ETag", "Location", "X-Request-Id", "Server-Timing"])
    expect(created.response.headers.get(name), name).toBeTruthy();
  const again = await falafel.createReview({ path, headers, body: review });
  expect(again.response.headers.get("Idempotency-Replayed")).toBe("true");
  const { response } = await falafel.listReviews({ query: { limit: 1 } });
  expect(response.headers.get("Link")).toContain('rel="next"');
  expect(await readVersion(falafel, { ...path, id: created.data.id })).toEqual({
    review: created.data,
    etag: created.response.headers.get("ETag"),
  });
});

test("an answer without the header for this origin is no answer", async () => {
  const proxy = await faulty({
    status: 200,
    headers: { "Access-Control-Allow-Origin": "https://elsewhere.example" },
    body: "{}",
  });
  const error = await failure(createFalafel({ baseUrl: proxy.url, retry: false }).listReviews());
  expect(error).toBeInstanceOf(NetworkError);
});
