import {
  ConflictError,
  deleteVersion,
  type Falafel,
  isProblem,
  pages,
  patchVersion,
  type Restaurant,
  type Review,
  type ReviewPatch,
  readVersion,
  type Versioned,
} from "@pretendfriend/falafel-api";
import { byId, date, explain, h, money, say, stars } from "./dom.js";
import { askHowToSettle, edit, write } from "./editor.js";

let reading = new AbortController();

/** A restaurant with its reviews. */
export function showReviews(falafel: Falafel, name: string | undefined, changed: () => void): void {
  reading.abort(); // what is still on its way for the one before
  reading = new AbortController();
  const { signal } = reading;
  const detail = byId("detail", HTMLElement);
  if (name === undefined) {
    detail.replaceChildren(h("p", { class: "empty soft" }, "Choose a restaurant to read its reviews."));
    return;
  }
  const facts = h("div", {});
  const list = h("ul", { class: "reviews" });
  const more = h("button", { type: "button", hidden: true, click: () => void readOn() }, "More reviews");
  const cards = new Map<string, HTMLElement>();
  const rest = pages(falafel.listRestaurantReviews, { path: { restaurant: name }, query: { limit: 10 }, signal });

  detail.replaceChildren(
    h("a", { class: "back", href: location.pathname, click: back }, "← All restaurants"),
    h("h2", { dir: "auto" }, name),
    facts,
    h("div", { class: "row" }, h("button", { type: "button", class: "primary", click: () => void add() }, "Add a review")),
    list,
    more,
  );
  void readOn();
  void summarize();

  async function summarize() {
    try {
      facts.replaceChildren(summary((await falafel.getRestaurant({ path: { restaurant: name ?? "" }, signal })).data));
    } catch (error) {
      if (signal.aborted) return;
      if (isProblem(error, "/problems/not-found")) facts.replaceChildren(h("p", { class: "soft" }, "Nobody reviewed it yet."));
      else say(explain(error));
    }
  }

  async function readOn() {
    more.disabled = true;
    try {
      const { value } = await rest.next();
      for (const review of value?.items ?? []) if (!cards.has(review.id)) list.append(place(review));
      more.hidden = !value?.response.headers.get("Link");
    } catch (error) {
      if (!signal.aborted) say(explain(error));
    } finally {
      more.disabled = false;
    }
  }

  /** Puts a review where it is on the page; busy while it is not known to be stored. */
  function place(review: Review, busy = false): HTMLElement {
    const card = draw(review, busy, { edit: () => change(review), remove: () => remove(review) });
    cards.get(review.id)?.replaceWith(card);
    cards.set(review.id, card);
    return card;
  }

  function done(text: string) {
    say(text);
    void summarize();
    changed();
  }

  async function add() {
    const review = await write(name ?? "", async (body, key) => {
      // The same key for the same form, however often it is sent.
      const headers = { "Idempotency-Key": key };
      return (await falafel.createReview({ path: { restaurant: name ?? "" }, headers, body })).data;
    });
    if (!review) return;
    if (!cards.has(review.id)) list.prepend(place(review));
    done("Your review is stored.");
  }

  async function change(shown: Review) {
    try {
      // The entity tag is of one review: a list has none for its items.
      const base = await readVersion(falafel, { restaurant: shown.restaurant, id: shown.id }, signal);
      place(base.review);
      const patch = await edit(base.review, () => playSomebody(base));
      if (patch) await save(base, patch);
    } catch (error) {
      if (!signal.aborted) say(explain(error));
    }
    // The button that was pressed is gone: a card is drawn anew.
    cards.get(shown.id)?.querySelector("button")?.focus();
  }

  /** Shows the change at once, and takes it back where it was not possible. */
  async function save(base: Versioned, patch: ReviewPatch): Promise<void> {
    place({ ...base.review, ...patch } as Review, true);
    try {
      place((await patchVersion(falafel, base, patch)).review);
      done("Your change is stored.");
    } catch (error) {
      place(base.review);
      if (!(error instanceof ConflictError)) throw error;
      const { current } = error;
      if (current) place(current.review);
      else cards.get(base.review.id)?.remove();
      const mine = await askHowToSettle(error, patch);
      if (mine && current) await save(current, patch);
      else done(current ? "The other version stands." : "The review is gone.");
    }
  }

  async function remove(shown: Review) {
    try {
      const base = await readVersion(falafel, { restaurant: shown.restaurant, id: shown.id });
      if (base.review.version !== shown.version) {
        place(base.review);
        return say("It was changed meanwhile. This is how it reads now: delete it?");
      }
      await deleteVersion(falafel, base);
    } catch (error) {
      if (!isProblem(error, "/problems/not-found")) return say(explain(error));
    }
    cards.get(shown.id)?.remove();
    cards.delete(shown.id);
    done("The review is deleted.");
  }

  /** For the demonstration: what another person on another computer would do meanwhile. */
  async function playSomebody({ review }: Versioned) {
    const path = { restaurant: review.restaurant, id: review.id };
    await falafel.patchReview({ path, body: { comment: `${review.comment} (Somebody was here.)`.trim(), rating: 1 } });
  }
}

function back(event: Event) {
  event.preventDefault();
  history.pushState(null, "", location.pathname);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function summary({ average_rating, review_count, costs }: Restaurant): HTMLElement {
  const fact = (term: string, value: string | HTMLElement) => h("div", {}, h("dt", {}, term), h("dd", {}, value));
  return h(
    "dl",
    { class: "facts card" },
    fact("Rating", stars(average_rating)),
    fact("Reviews", String(review_count)),
    fact("Average cost", costs.map(({ average, currency }) => money(average, currency)).join(" · ")),
  );
}

function draw(review: Review, busy: boolean, actions: { edit: () => Promise<void>; remove: () => Promise<void> }): HTMLElement {
  const what = `the review of ${date(review.visited_at)}`;
  const button = (text: string, act: () => Promise<void>, kind = "") =>
    h("button", { type: "button", class: kind, disabled: busy, "aria-label": `${text} ${what}`, click: () => void act() }, text);
  return h(
    "li",
    { class: "card", "aria-busy": String(busy), "data-id": review.id },
    h(
      "div",
      { class: "row" },
      stars(review.rating),
      h("span", { class: "soft" }, `${date(review.visited_at)}, ${money(review.cost, review.currency)}`),
    ),
    review.comment !== "" && h("p", { class: "comment", dir: "auto" }, review.comment),
    h(
      "div",
      { class: "row" },
      button("Edit", actions.edit),
      button("Delete", actions.remove, "danger"),
      h("span", { class: "note" }, busy ? "Being stored …" : `version ${review.version}`),
    ),
  );
}
