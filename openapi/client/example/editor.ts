import type { ConflictError, Review, ReviewInputWritable, ReviewPatch } from "@pretendfriend/falafel-api";
import { byId, date, explain, h, money } from "./dom.js";

type Currency = NonNullable<ReviewInputWritable["currency"]>;
const currencies: Currency[] = ["AED", "CHF", "EGP", "EUR", "GBP", "ILS", "JPY", "SEK", "TRY", "USD"];

/** Asks for a new review, until it is stored or given up. */
export function write(
  restaurant: string,
  store: (content: ReviewInputWritable, key: string) => Promise<Review>,
): Promise<Review | undefined> {
  // One key for this form: pressed twice, or after an error, it is the same review.
  let key = newKey();
  let sent = "";
  return ask(`Review ${restaurant}`, undefined, async (content) => {
    const now = JSON.stringify(content);
    if (now !== sent) key = newKey(); // another review, for which the key is not
    sent = now;
    return store(content, key);
  });
}

/** Asks for a change. The answer has the members that are different; undefined is none. */
export async function edit(review: Review, playSomebody: () => Promise<void>): Promise<ReviewPatch | undefined> {
  const content = await ask(`Edit your review of ${review.restaurant}`, review, async (content) => content, playSomebody);
  if (!content) return undefined;
  const given = Object.entries(content).filter(([member, value]) => value !== Reflect.get(review, member));
  return given.length > 0 ? (Object.fromEntries(given) as ReviewPatch) : undefined;
}

function ask<Result>(
  title: string,
  from: Review | undefined,
  submit: (content: ReviewInputWritable) => Promise<Result>,
  playSomebody?: () => Promise<void>,
): Promise<Result | undefined> {
  const dialog = byId("editor", HTMLDialogElement);
  const visited = localTime(from?.visited_at ?? new Date().toISOString());
  const all = from && !currencies.includes(from.currency as Currency) ? [from.currency, ...currencies] : currencies;
  const problem = h("p", { class: "problem", role: "alert" });
  const input = (name: string, attributes: Record<string, string | boolean>) =>
    h("input", { name, required: true, ...attributes });
  const field = (text: string, control: HTMLElement) => h("label", {}, text, control);
  const currency = h(
    "select",
    { name: "currency" },
    ...all.map((code) => h("option", { selected: code === (from?.currency ?? "EUR") }, code)),
  );
  const comment = h("textarea", { name: "comment", maxlength: "2000" }, from?.comment ?? "");
  const save = h("button", { class: "primary" }, "Save");
  const cancel = h("button", { type: "button", click: () => dialog.close() }, "Cancel");
  const somebody = h("button", { type: "button" }, "Play somebody who is quicker");

  return new Promise((resolve) => {
    let result: Result | undefined;
    const form = h(
      "form",
      {},
      h("h2", { id: "editor-title" }, title),
      h(
        "div",
        { class: "pair" },
        field(
          "Rating, 0.1 to 5",
          input("rating", { type: "number", min: "0.1", max: "5", step: "0.1", value: String(from?.rating ?? 4) }),
        ),
        field("Visited", input("visited", { type: "datetime-local", value: visited })),
        field("Cost", input("cost", { type: "number", min: "0", step: "0.01", value: String(from?.cost ?? "") })),
        field("Currency", currency),
      ),
      field("Comment", comment),
      problem,
      h("div", { class: "row" }, save, cancel, playSomebody && somebody),
      playSomebody &&
        h(
          "p",
          { class: "note" },
          "The last button changes this review as another person would, so that your change meets theirs.",
        ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const fields = new FormData(form);
      const time = String(fields.get("visited"));
      const content: ReviewInputWritable = {
        rating: Number(fields.get("rating")),
        // Fields have no seconds and no zone: what was not touched stays what it was.
        visited_at: from && time === visited ? from.visited_at : new Date(time).toISOString(),
        cost: Number(fields.get("cost")),
        currency: String(fields.get("currency")) as Currency,
        comment: String(fields.get("comment")).replaceAll("\r\n", "\n"),
      };
      save.disabled = true;
      try {
        result = await submit(content);
        dialog.close();
      } catch (error) {
        problem.textContent = explain(error);
      } finally {
        save.disabled = false;
      }
    });
    somebody.addEventListener("click", async () => {
      somebody.disabled = true;
      await playSomebody?.().catch((error: unknown) => {
        problem.textContent = explain(error);
      });
      somebody.textContent = "Somebody was quicker";
    });
    open(dialog, form, () => resolve(result));
  });
}

/** Shows both versions; true is mine. */
export function askHowToSettle({ base, current }: ConflictError, patch: ReviewPatch): Promise<boolean> {
  const dialog = byId("conflict", HTMLDialogElement);
  const mine = { ...base.review, ...patch } as Review;
  const rows: [string, (review: Review) => string][] = [
    ["Rating", ({ rating }) => rating.toFixed(1)],
    ["Visited", ({ visited_at }) => date(visited_at)],
    ["Cost", ({ cost, currency }) => money(cost, currency)],
    ["Comment", ({ comment }) => comment || "none"],
  ];
  const cell = (text: string, before: string) => h("td", { dir: "auto" }, text === before ? text : h("mark", {}, text));
  const table = h(
    "table",
    {},
    h(
      "thead",
      {},
      h("tr", {}, ...["", "You saw", "Yours", "Theirs"].map((text) => (text ? h("th", { scope: "col" }, text) : h("td")))),
    ),
    h(
      "tbody",
      {},
      ...rows.map(([label, of]) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, label),
          h("td", { dir: "auto" }, of(base.review)),
          cell(of(mine), of(base.review)),
          current ? cell(of(current.review), of(base.review)) : h("td", {}, "deleted"),
        ),
      ),
    ),
  );
  return new Promise((resolve) => {
    let settled = false;
    const choose = (own: boolean) => () => {
      settled = own;
      dialog.close();
    };
    const content = h(
      "form",
      { method: "dialog" },
      h(
        "h2",
        { id: "conflict-title" },
        current ? "Somebody changed this review meanwhile" : "Somebody deleted this review meanwhile",
      ),
      h("p", { class: "soft" }, "Nothing of yours was written. What is different from what you saw is marked."),
      h("div", { class: "scroll" }, table),
      h(
        "div",
        { class: "row" },
        current && h("button", { type: "button", class: "primary", click: choose(true) }, "Put my change on top"),
        h("button", { type: "button", click: choose(false) }, current ? "Keep theirs" : "Close"),
      ),
    );
    open(dialog, content, () => resolve(settled));
  });
}

function open(dialog: HTMLDialogElement, content: HTMLElement, closed: () => void) {
  dialog.replaceChildren(content);
  dialog.addEventListener("close", closed, { once: true });
  dialog.showModal();
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}

/** As a field of the type datetime-local has it. */
function localTime(value: string): string {
  const time = new Date(value);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
