// The example page, in Chromium, on its development server, in front of the real API.

import { mkdirSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { createFalafel } from "../../src/index.js";
import { launchOptions } from "../setup/chromium.js";
import { newRestaurant, review } from "../setup/examples.js";

function portOf(server: { address(): unknown } | null): number {
  const address = server?.address() as AddressInfo | undefined;
  return address?.port ?? 0;
}

const executablePath = inject("chromium");
/** Where pictures of the page go, for people to look at. */
const pictures = process.env["FALAFEL_TEST_SCREENSHOTS"];

describe.skipIf(executablePath === "")("the example page", () => {
  const falafel = createFalafel({ baseUrl: inject("api") });
  let browser: Browser;
  let server: ViteDevServer;
  let url = "";
  /** What must stay empty: errors on the console, and requests to elsewhere. */
  let complaints: string[] = [];
  let pages: Page[] = [];

  beforeAll(async () => {
    server = await createServer({
      configFile: join(import.meta.dirname, "../../example/vite.config.ts"),
      logLevel: "error",
      server: { host: "127.0.0.1", port: 0, proxy: { "/v1": inject("api") } },
    });
    await server.listen();
    url = `http://127.0.0.1:${portOf(server.httpServer)}/`;
    browser = await chromium.launch(launchOptions(executablePath));
  });

  afterEach(async () => {
    await Promise.all(pages.map((page) => page.context().close()));
    pages = [];
    const found = complaints;
    complaints = [];
    expect(found).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(options: BrowserContextOptions = {}, hash = ""): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1200, height: 800 },
      locale: "en-GB",
      reducedMotion: "reduce",
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    pages.push(page);
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // Chromium writes there what the page shows: that a restaurant is not found, or a review has changed.
      if (message.type() === "error" && !/status of (404|412|422)/.test(message.text())) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith("data:")) complaints.push(request.url());
    });
    await page.goto(url + hash);
    await page.locator("#restaurants li").first().waitFor();
    return page;
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async function accessible(page: Page): Promise<void> {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  }

  async function reviewed(comment: string): Promise<string> {
    const restaurant = newRestaurant();
    await falafel.createReview({ path: { restaurant }, body: { ...review, comment } });
    return restaurant;
  }

  const at = (restaurant: string) => `#/${encodeURIComponent(restaurant)}`;

  test("lists restaurants by rating and by name, page by page", async () => {
    const page = await open();
    const entries = page.locator("#restaurants li");
    expect(await entries.count()).toBe(20);
    const best = await entries.first().textContent();
    await page.getByRole("button", { name: "More restaurants" }).click();
    await expect.poll(() => entries.count()).toBe(40);
    await page.getByLabel("Order").selectOption("name");
    await expect.poll(() => entries.count()).toBe(20);
    await expect.poll(() => entries.first().textContent()).not.toBe(best);
    await accessible(page);
  });

  test("filters what is loaded, and says so; finds by the exact name; and says when there is none", async () => {
    const restaurant = await reviewed("Somewhere down the list.");
    const page = await open();
    await page.getByLabel("Search").fill("no such name");
    await expect
      .poll(() => page.locator("#search-note").textContent())
      .toContain("0 found among the 20 restaurants loaded so far");
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText("Nobody reviewed it yet.").waitFor();
    await page.getByLabel("Search").fill(restaurant);
    await page.getByLabel("Search").press("Enter");
    await page.getByText("Somewhere down the list.").waitFor();
    expect(await page.title()).toContain(restaurant);
  });

  test("adds a review by keyboard alone, and shows which rule one breaks", async () => {
    const restaurant = newRestaurant();
    const page = await open({}, at(restaurant));
    await page.getByText("Nobody reviewed it yet.").waitFor();
    await page.getByRole("button", { name: "Add a review" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Cost").fill("9.5");
    await dialog.getByLabel("Comment").fill("\u0007");
    await dialog.getByLabel("Cost").press("Enter");
    await dialog.getByText("The request breaks a rule: comment").waitFor();
    await dialog.getByLabel("Comment").fill("<b>Crisp</b> & green.");
    await accessible(page);
    await picture(page, "editor");
    await dialog.getByLabel("Cost").press("Enter");
    await page.getByText("<b>Crisp</b> & green.").waitFor();
    await page.getByText("Your review is stored.").waitFor();
    const { data } = await falafel.listRestaurantReviews({ path: { restaurant } });
    expect(data.items).toMatchObject([{ rating: 4, cost: 9.5, currency: "EUR", comment: "<b>Crisp</b> & green." }]);
  });

  test("shows a change before it is stored", async () => {
    const restaurant = await reviewed("Before.");
    const page = await open({}, at(restaurant));
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/v1/**", async (route) => {
      if (route.request().method() === "PATCH") await held;
      await route.continue();
    });
    await page.getByRole("button", { name: /^Edit/ }).click();
    await page.getByRole("dialog").getByLabel("Comment").fill("After.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".card[aria-busy=true]", { hasText: "After." }).waitFor();
    release();
    await page.locator(".card[aria-busy=false]", { hasText: "version 2" }).waitFor();
    const { data } = await falafel.listRestaurantReviews({ path: { restaurant } });
    expect(data.items[0]).toMatchObject({ comment: "After.", rating: 4.5, version: 2 });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Edit");
  });

  test.each([
    ["Put my change on top", { comment: "Mine.", rating: 1, version: 3 }],
    ["Keep theirs", { comment: "First. (Somebody was here.)", rating: 1, version: 2 }],
  ])("shows a conflict with both versions, and does what is chosen: %s", async (choice, stored) => {
    const restaurant = await reviewed("First.");
    const page = await open({}, at(restaurant));
    await page.getByRole("button", { name: /^Edit/ }).click();
    await page.getByRole("dialog").getByLabel("Comment").fill("Mine.");
    await page.getByRole("button", { name: "Play somebody who is quicker" }).click();
    await page.getByRole("button", { name: "Somebody was quicker" }).waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    const dialog = page.getByRole("dialog", { name: "Somebody changed this review meanwhile" });
    await dialog.waitFor();
    const row = dialog.getByRole("row", { name: /^Comment/ });
    expect(await row.getByRole("cell").allTextContents()).toEqual(["First.", "Mine.", "First. (Somebody was here.)"]);
    await accessible(page);
    await picture(page, "conflict");
    await dialog.getByRole("button", { name: choice }).click();
    await page.locator(".card[aria-busy=false]", { hasText: stored.comment }).waitFor();
    await page.locator("#status", { hasText: /stored|stands/ }).waitFor();
    expect((await falafel.listRestaurantReviews({ path: { restaurant } })).data.items[0]).toMatchObject(stored);
  });

  test("deletes a review, and tells of one that somebody deleted", async () => {
    const restaurant = await reviewed("Once.");
    const page = await open({}, at(restaurant));
    await page.getByRole("button", { name: /^Edit/ }).click();
    await page.getByRole("dialog").getByLabel("Comment").fill("Never again.");
    const { data } = await falafel.listRestaurantReviews({ path: { restaurant } });
    await falafel.deleteReview({ path: { restaurant, id: data.items[0]?.id ?? "" } });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody deleted this review meanwhile").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => page.locator(".card[data-id]").count()).toBe(0);

    const other = await open({}, at(await reviewed("Twice.")));
    await other.getByRole("button", { name: /^Delete/ }).click();
    await other.getByText("The review is deleted.").waitFor();
    await other.getByText("Nobody reviewed it yet.").waitFor();
  });

  test("goes back to where one was", async () => {
    const page = await open();
    await page.locator("#restaurants a").nth(1).click();
    await page.locator(".card[data-id]").first().waitFor();
    await page.goBack();
    await page.getByText("Choose a restaurant to read its reviews.").waitFor();
  });

  test.each([
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { colorScheme: "light", viewport: { width: 360, height: 740 }, hasTouch: true }],
    ["phone-dark", { colorScheme: "dark", viewport: { width: 360, height: 740 } }],
  ] satisfies [string, BrowserContextOptions][])("is accessible, and as wide as the screen: %s", async (name, options) => {
    const page = await open(options);
    await accessible(page);
    await picture(page, `${name}-list`);
    await page.locator("#restaurants a").nth(2).click();
    await page.locator(".card[data-id]").first().waitFor();
    await accessible(page);
    await picture(page, `${name}-restaurant`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    if (name.startsWith("phone")) {
      await page.getByRole("link", { name: "All restaurants" }).click();
      await page.getByRole("navigation").waitFor();
    }
  });

  test("an origin that the API does not name gets no answer in a browser", async () => {
    const elsewhere = createHttpServer((_, response) => response.setHeader("Content-Type", "text/html").end("<p>Elsewhere</p>"));
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${portOf(elsewhere)}/`);
      const answer = await page.evaluate((api) => fetch(`${api}/v1/reviews`).then((r) => r.status, String), inject("api"));
      expect(answer).toBe("TypeError: Failed to fetch");
      await page.close();
    } finally {
      elsewhere.close();
      elsewhere.closeAllConnections();
    }
  });
});
