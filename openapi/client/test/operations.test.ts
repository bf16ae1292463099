import { expect, inject, test } from "vitest";
import { createFalafel, items } from "../src/index.js";
import { newRestaurant, review } from "./setup/examples.js";

const falafel = createFalafel({ baseUrl: inject("api") });

test("a review is created, read, replaced, patched in both ways, and deleted", async () => {
  const restaurant = newRestaurant();
  const created = await falafel.createReview({ path: { restaurant }, body: { ...review, comment: "Crisp!" } });
  expect(created.response.status).toBe(201);
  expect(created.data).toMatchObject({ restaurant, rating: 4.5, cost: 8.5, currency: "EUR", comment: "Crisp!", version: 1 });
  const path = { restaurant, id: created.data.id };
  expect(created.response.headers.get("Location")).toBe(`/v1/restaurants/${encodeURIComponent(restaurant)}/reviews/${path.id}`);

  expect((await falafel.getReview({ path })).data).toEqual(created.data);
  const replaced = await falafel.replaceReview({ path, body: { ...review, rating: 3 } });
  expect(replaced.data).toMatchObject({ rating: 3, comment: "", version: 2 });
  const merged = await falafel.patchReview({ path, body: { comment: "Better than I thought." } });
  expect(merged.data).toMatchObject({ rating: 3, comment: "Better than I thought.", version: 3 });
  const patched = await falafel.patchReview({ path, body: [{ op: "replace", path: "/rating", value: 4 }] });
  expect(patched.data).toMatchObject({ rating: 4, version: 4 });

  const { data } = await falafel.getRestaurant({ path: { restaurant } });
  expect(data).toMatchObject({ name: restaurant, review_count: 1, average_rating: 4, last_review: { id: path.id } });
  const listed = await falafel.listRestaurantReviews({ path: { restaurant } });
  expect(listed.data.items).toEqual([patched.data]);

  const deleted = await falafel.deleteReview({ path });
  expect(deleted.response.status).toBe(204);
  expect((await falafel.listRestaurantReviews({ path: { restaurant } })).data.items).toEqual([]);
});

test("the newest reviews and the restaurants are listed, by rating and by name", async () => {
  const newest = await falafel.listReviews({ query: { limit: 3 } });
  expect(newest.data.items).toHaveLength(3);
  const ranked = (await falafel.listRestaurants({ query: { limit: 10, sort: "rating" } })).data.items;
  expect(ranked.map((r) => r.average_rating)).toEqual(ranked.map((r) => r.average_rating).sort((a, b) => b - a));
  const named = (await falafel.listRestaurants({ query: { limit: 10, sort: "name" } })).data.items;
  expect(named.map((r) => r.name)).not.toEqual(ranked.map((r) => r.name));
});

test("the earlier service's routes work as well", async () => {
  expect((await falafel.getStatus()).data).toBe("Server is running!");
  const one = { falafel_restaurant: newRestaurant(), falafel_rating: 4.5, falafel_time: "12:30", falafel_cost: 8.5 };
  expect((await falafel.createEarlierReview({ body: one })).data).toEqual(one);
  const { data } = await falafel.listEarlierReviews({ query: { falafel_restaurant: one.falafel_restaurant } });
  expect(data).toEqual([one]);
});

test("names of all scripts, and with the signs of URLs, arrive as they are", async () => {
  for (const name of ["حمص & فلافل", "50% off?", "a/b#c", "Zürich 🧆"]) {
    const restaurant = `${name} ${newRestaurant()}`;
    await falafel.createReview({ path: { restaurant }, body: review });
    expect((await falafel.getRestaurant({ path: { restaurant } })).data.name).toBe(restaurant);
    for await (const found of items(falafel.listRestaurantReviews, { path: { restaurant } }))
      expect(found.restaurant).toBe(restaurant);
  }
});

test("methods work apart from their object, and two clients share nothing", async () => {
  const { getStatus } = falafel;
  expect((await getStatus()).data).toBe("Server is running!");
  const other = createFalafel({ baseUrl: "http://127.0.0.1:1", retry: false });
  await expect(other.getStatus()).rejects.toThrow("no answer");
  expect((await getStatus()).data).toBe("Server is running!");
});

test("headers and a fetch of one's own are used", async () => {
  const sent: string[] = [];
  const own = createFalafel({
    baseUrl: inject("api"),
    headers: { "X-Request-Id": "mine" },
    fetch: (input, init) => {
      const request = new Request(input, init);
      sent.push(request.method);
      return fetch(request);
    },
  });
  expect((await own.getStatus()).response.headers.get("X-Request-Id")).toBe("mine");
  expect(sent).toEqual(["GET"]);
});
