import { expect, inject, test } from "vitest";
import { createFalafel, items, pages } from "../src/index.js";
import { failure, newRestaurant, review } from "./setup/examples.js";
import { faulty } from "./setup/proxy.js";

const falafel = createFalafel({ baseUrl: inject("api") });

async function restaurantWith(count: number): Promise<{ restaurant: string; ids: string[] }> {
  const restaurant = newRestaurant();
  const made = await Promise.all(
    Array.from({ length: count }, () => falafel.createReview({ path: { restaurant }, body: review })),
  );
  return { restaurant, ids: made.map(({ data }) => data.id) };
}

test("all sample reviews are read, each once, over many pages", async () => {
  const ids = new Set<string>();
  let count = 0;
  for await (const page of pages(falafel.listReviews, { query: { limit: 100 } })) {
    expect(page.items.length).toBeLessThanOrEqual(100);
    for (const { id } of page.items) ids.add(id);
    count++;
  }
  expect(ids.size).toBeGreaterThanOrEqual(500);
  expect(count).toBeGreaterThan(4);
});

test("the items of a restaurant come newest first, whatever a page's size", async () => {
  const { restaurant, ids } = await restaurantWith(25);
  for (const limit of [10, 25, 100]) {
    const found: string[] = [];
    for await (const item of items(falafel.listRestaurantReviews, { path: { restaurant }, query: { limit } }))
      found.push(item.id);
    expect(found).toEqual([...ids].sort().reverse());
  }
});

test("parameters hold for all pages", async () => {
  const names: string[] = [];
  for await (const page of pages(falafel.listRestaurants, { query: { sort: "name", limit: 15 } })) {
    expect(page.items.length).toBeLessThanOrEqual(15);
    names.push(...page.items.map(({ name }) => name));
  }
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(30);
});

test("pages are read as one goes, and no further", async () => {
  const { restaurant } = await restaurantWith(5);
  const proxy = await faulty();
  const behind = createFalafel({ baseUrl: proxy.url });
  for await (const item of items(behind.listRestaurantReviews, { path: { restaurant }, query: { limit: 2 } })) {
    expect(item.restaurant).toBe(restaurant);
    break;
  }
  expect(await proxy.seen()).toHaveLength(1);
});

test("a signal ends the list, with its own reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  let read = 0;
  const all = async () => {
    for await (const _ of items(falafel.listReviews, { query: { limit: 10 }, signal: stop.signal })) {
      read++;
      if (read === 10) stop.abort(reason);
    }
  };
  expect(await failure(all())).toBe(reason);
  expect(read).toBe(10);
});

test.each([
  ["another origin", "<http://127.0.0.1:1/v1/reviews?cursor=x>"],
  ["another path", "</v1/restaurants?cursor=x>"],
  ["an origin without a scheme", "<//elsewhere.example/v1/reviews?cursor=x>"],
])("a link to %s is not followed", async (_, link) => {
  const proxy = await faulty({
    status: 200,
    headers: { "Content-Type": "application/json", Link: `${link}; rel="next"`, "Access-Control-Expose-Headers": "Link" },
    body: '{"items":[]}',
  });
  const list = pages(createFalafel({ baseUrl: proxy.url }).listReviews, {});
  await list.next();
  expect(await failure(list.next())).toMatchObject({ message: expect.stringContaining("not followed") });
  expect(await proxy.seen()).toHaveLength(1);
});

test.each([
  ['</v1/reviews?cursor=first>; rel="first", </v1/reviews?cursor=it&limit=5>; title="a, b; rel=next"; rel="last NEXT"', "it"],
  ["</v1/reviews?cursor=it>;rel=next", "it"],
  ['</v1/reviews?cursor=no>; title="x; rel=next"; rel=prev', undefined],
  ["", undefined],
])("the next link is found in %s", async (link, cursor) => {
  const proxy = await faulty({
    status: 200,
    headers: { "Content-Type": "application/json", Link: link, "Access-Control-Expose-Headers": "Link" },
    body: '{"items":[]}',
  });
  const list = pages(createFalafel({ baseUrl: proxy.url }).listReviews, { query: { limit: 3 } });
  await list.next();
  await list.next().catch(() => undefined); // the API knows no such cursor
  const asked = (await proxy.seen()).slice(1).map(({ url }) => new URL(url, proxy.url).searchParams.get("cursor"));
  expect(asked).toEqual(cursor === undefined ? [] : [cursor]);
});

test("a prefix before the API is kept from page to page", async () => {
  const own = createFalafel({
    baseUrl: `${inject("api")}/prefix`,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      expect(new URL(request.url).pathname).toBe("/prefix/v1/reviews");
      return fetch(request.url.replace("/prefix", ""), { signal: request.signal });
    },
  });
  const list = pages(own.listReviews, { query: { limit: 2 } });
  const ids = [await list.next(), await list.next()].flatMap(({ value }) => (value ? value.items : []).map(({ id }) => id));
  expect(new Set(ids).size).toBe(4);
});
