import { expect, inject, test } from "vitest";
import { createFalafel, isProblem, NetworkError, type Retry } from "../src/index.js";
import { failure, newRestaurant, review } from "./setup/examples.js";
import type { Fate } from "./setup/faults.js";
import { faulty } from "./setup/proxy.js";

const direct = createFalafel({ baseUrl: inject("api") });
const quick = { baseDelayMs: 1 };

/** A client behind a network with these faults, and what it did. */
async function behind(...fates: Fate[]) {
  const proxy = await faulty(...fates);
  const retries: Retry[] = [];
  const falafel = createFalafel({ baseUrl: proxy.url, retry: { ...quick, onRetry: (retry) => retries.push(retry) } });
  return { falafel, retries, seen: proxy.seen };
}

const unavailable: Fate = { status: 503 };

test.each<Fate>(["cut before", "cut after", "cut inside", unavailable, { status: 408 }, { status: 502 }])(
  "a review is created once, with one key, though the first attempt meets %o",
  async (fate) => {
    const { falafel, retries, seen } = await behind(fate, fate);
    const restaurant = newRestaurant();
    const { data } = await falafel.createReview({ path: { restaurant }, body: review });
    const attempts = await seen();
    expect(attempts).toHaveLength(3);
    expect(new Set(attempts.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect((await direct.listRestaurantReviews({ path: { restaurant } })).data.items).toEqual([data]);
  },
);

test("each review has a key of its own, and a key that is given is used", async () => {
  const { falafel, seen } = await behind();
  const path = { restaurant: newRestaurant() };
  await falafel.createReview({ path, body: review });
  await falafel.createReview({ path, body: review });
  await falafel.createReview({ path, body: review, headers: { "Idempotency-Key": `mine${crypto.randomUUID()}` } });
  const keys = (await seen()).map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(3);
  expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(keys[2]).toMatch(/^mine/);
});

test("what must not be carried out twice is not sent twice", async () => {
  const { data } = await direct.createReview({ path: { restaurant: newRestaurant() }, body: review });
  const path = { restaurant: data.restaurant, id: data.id };
  const one = { falafel_restaurant: newRestaurant(), falafel_rating: 4, falafel_time: "12:30", falafel_cost: 8 };
  const { falafel, seen } = await behind("cut before", "cut before");
  expect(await failure(falafel.patchReview({ path, body: { rating: 1 } }))).toMatchObject({ name: "NetworkError", attempts: 1 });
  expect(await failure(falafel.createEarlierReview({ body: one }))).toMatchObject({ name: "NetworkError", attempts: 1 });
  expect(await seen()).toHaveLength(2);
});

test("what may be repeated is: reads, replacing, deleting, and a patch with If-Match", async () => {
  const { data, response } = await direct.createReview({ path: { restaurant: newRestaurant() }, body: review });
  const path = { restaurant: data.restaurant, id: data.id };
  const headers = { "If-Match": response.headers.get("ETag") ?? "" };
  const { falafel, retries } = await behind(
    "cut before",
    "pass",
    "cut before",
    "pass",
    "cut before",
    "pass",
    "cut before",
    "pass",
  );
  expect((await falafel.getReview({ path })).data).toEqual(data);
  expect((await falafel.patchReview({ path, headers, body: { rating: 1 } })).data.version).toBe(2);
  expect((await falafel.replaceReview({ path, body: review })).data.version).toBe(3);
  await falafel.deleteReview({ path });
  expect(retries.map(({ request }) => request.method)).toEqual(["GET", "PATCH", "PUT", "DELETE"]);
});

test("attempts are bounded, and the last error is the result", async () => {
  const network = await behind(...Array<Fate>(9).fill("cut before"));
  const lost = await failure(network.falafel.listReviews());
  expect(lost).toBeInstanceOf(NetworkError);
  expect(lost).toMatchObject({ attempts: 4 });
  expect(await network.seen()).toHaveLength(4);

  const busy = await behind(...Array<Fate>(9).fill(unavailable));
  expect(await failure(busy.falafel.listReviews())).toMatchObject({ status: 503, attempts: 4 });
  expect(await busy.seen()).toHaveLength(4);
});

test("errors that another attempt does not change are told at once", async () => {
  const { falafel, seen } = await behind();
  const error = await failure(falafel.getReview({ path: { restaurant: newRestaurant(), id: crypto.randomUUID() } }));
  expect(isProblem(error, "/problems/not-found")).toBe(true);
  expect(await seen()).toHaveLength(1);
});

test("Retry-After is waited for, in seconds and as a date; and not, where it is too long", async () => {
  const date = new Date(Date.now() + 2_500).toUTCString();
  const { falafel, retries } = await behind(
    { status: 503, headers: { "Retry-After": "1" } },
    { status: 503, headers: { "Retry-After": date } },
  );
  const began = Date.now();
  await falafel.listReviews();
  expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
  expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(1_000);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(date));

  const later = await behind({ status: 503, headers: { "Retry-After": "31" } });
  expect(await failure(later.falafel.listReviews())).toMatchObject({ status: 503, retryAfter: 31, attempts: 1 });
});

test("waits are drawn at random, and grow up to a bound", async () => {
  const delays: number[][] = [[], [], [], []];
  const policy = { attempts: 5, baseDelayMs: 2, maxDelayMs: 8 };
  for (let round = 0; round < 20; round++) {
    const falafel = createFalafel({
      baseUrl: "http://127.0.0.1",
      fetch: () => Promise.reject(new TypeError("down")),
      retry: { ...policy, onRetry: ({ attempt, delayMs }) => delays[attempt - 1]?.push(delayMs) },
    });
    await failure(falafel.listReviews());
  }
  for (const [i, most] of [2, 4, 8, 8].entries()) {
    const drawn = delays[i] ?? [];
    expect(new Set(drawn).size).toBe(20);
    expect(Math.max(...drawn)).toBeLessThan(most);
    expect(Math.max(...drawn)).toBeGreaterThan(most / 2);
    expect(Math.min(...drawn)).toBeLessThan(most / 2);
  }
});

test("an attempt that takes too long is given up, and made again", async () => {
  const proxy = await faulty("hang");
  const falafel = createFalafel({ baseUrl: proxy.url, retry: { ...quick, timeoutMs: 1000 } });
  expect((await falafel.listReviews()).response.status).toBe(200);
  // A machine with much else to do may take too long itself.
  expect((await proxy.seen()).length).toBeGreaterThanOrEqual(2);
});

test("an abort ends an attempt, and a wait, with the signal's reason", async () => {
  const began = Date.now();
  const hanging = await behind("hang");
  const reason = new Error("changed my mind");
  const first = new AbortController();
  const attempt = failure(hanging.falafel.listReviews({ signal: first.signal }));
  await expect.poll(hanging.seen).toHaveLength(1);
  first.abort(reason);
  expect(await attempt).toBe(reason);

  const second = new AbortController();
  const proxy = await faulty({ status: 503, headers: { "Retry-After": "20" } });
  const falafel = createFalafel({ baseUrl: proxy.url, retry: { onRetry: () => queueMicrotask(() => second.abort(reason)) } });
  expect(await failure(falafel.listReviews({ signal: second.signal }))).toBe(reason);
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(await proxy.seen()).toHaveLength(1);
});
