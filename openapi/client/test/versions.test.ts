import { expect, inject, test } from "vitest";
import {
  ConflictError,
  createFalafel,
  deleteVersion,
  isProblem,
  patchVersion,
  readVersion,
  replaceVersion,
  type Versioned,
  versionOf,
} from "../src/index.js";
import { failure, newRestaurant, review } from "./setup/examples.js";
import type { Fate } from "./setup/faults.js";
import { faulty } from "./setup/proxy.js";

const falafel = createFalafel({ baseUrl: inject("api") });

async function created(): Promise<Versioned> {
  return versionOf(await falafel.createReview({ path: { restaurant: newRestaurant() }, body: review }));
}

function pathOf({ review }: Versioned) {
  return { restaurant: review.restaurant, id: review.id };
}

async function behind(...fates: Fate[]) {
  return createFalafel({ baseUrl: (await faulty(...fates)).url, retry: { baseDelayMs: 1 } });
}

test("a review is read, and changed step by step", async () => {
  const first = await created();
  expect(await readVersion(falafel, pathOf(first))).toEqual(first);
  const second = await patchVersion(falafel, first, { rating: 2 });
  expect(second.review).toMatchObject({ rating: 2, cost: 8.5, version: 2 });
  const third = await replaceVersion(falafel, second, { ...review, comment: "Again." });
  expect(third.review).toMatchObject({ rating: 4.5, comment: "Again.", version: 3 });
  await deleteVersion(falafel, third);
  expect(isProblem(await failure(readVersion(falafel, pathOf(first))), "/problems/not-found")).toBe(true);
});

test.each([
  ["a patch", (base: Versioned) => patchVersion(falafel, base, { rating: 1 })],
  ["a replacement", (base: Versioned) => replaceVersion(falafel, base, { ...review, rating: 1 })],
  ["a deletion", (base: Versioned) => deleteVersion(falafel, base)],
])("%s of what somebody changed is a conflict, with both states; nothing is written", async (_, write) => {
  const base = await created();
  const theirs = await patchVersion(falafel, base, { comment: "Theirs." });
  const error = await failure(write(base));
  expect(error).toBeInstanceOf(ConflictError);
  expect(error).toMatchObject({ base, current: theirs });
  expect(isProblem((error as ConflictError).cause, "/problems/precondition-failed")).toBe(true);
  expect(await readVersion(falafel, pathOf(base))).toEqual(theirs);
});

test("a change to what somebody deleted is a conflict; deleting it is not", async () => {
  const base = await created();
  await falafel.deleteReview({ path: pathOf(base) });
  const error = await failure(patchVersion(falafel, base, { rating: 1 }));
  expect(error).toBeInstanceOf(ConflictError);
  expect((error as ConflictError).current).toBeUndefined();
  await deleteVersion(falafel, base);
});

test("a change whose answer was lost is no conflict with itself", async () => {
  const first = await created();
  const second = await patchVersion(await behind("cut after"), first, { rating: 3, comment: null });
  expect(second.review).toMatchObject({ rating: 3, version: 2 });
  const third = await replaceVersion(await behind("cut after", "cut before"), second, { ...review, currency: "USD" });
  expect(third.review).toMatchObject({ currency: "USD", version: 3 });
  expect(third).toEqual(await readVersion(falafel, pathOf(first)));
  await deleteVersion(await behind("cut after"), third);
});

test("a lost answer does not hide that somebody else was there first", async () => {
  const base = await created();
  const theirs = await patchVersion(falafel, base, { comment: "Theirs." });
  const error = await failure(patchVersion(await behind("cut after"), base, { rating: 3 }));
  expect(error).toBeInstanceOf(ConflictError);
  expect((error as ConflictError).current).toEqual(theirs);
  expect((error as ConflictError).cause).toMatchObject({ attempts: 2, lostAnswer: true });
});

test("an answer without an ETag is told", async () => {
  const { data } = await falafel.createReview({ path: { restaurant: newRestaurant() }, body: review });
  expect(() => versionOf({ data, response: new Response() })).toThrow("no ETag");
});
