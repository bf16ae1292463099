import { type Falafel, isProblem, type Page, pages, type Restaurant } from "@pretendfriend/falafel-api";
import { byId, explain, h, money, say, stars } from "./dom.js";

/** The list of restaurants: page by page, in two orders, with a search. */
export function showRestaurants(falafel: Falafel) {
  const list = byId("restaurants", HTMLOListElement);
  const more = byId("more-restaurants", HTMLButtonElement);
  const sort = byId("sort", HTMLSelectElement);
  const query = byId("query", HTMLInputElement);
  const note = byId("search-note", HTMLElement);

  let loaded: Restaurant[] = [];
  let rest: AsyncGenerator<Page<Restaurant>, void, undefined>;
  let complete = false;
  let chosen: string | undefined;
  let reading = new AbortController();

  const draw = () => {
    const wanted = fold(query.value);
    const found = loaded.filter(({ name }) => fold(name).includes(wanted));
    list.replaceChildren(...found.map((restaurant) => h("li", {}, entry(restaurant, restaurant.name === chosen))));
    more.hidden = complete;
    const of = complete ? `all ${loaded.length} restaurants` : `the ${loaded.length} restaurants loaded so far`;
    note.textContent = `${wanted === "" ? "Filters" : `${found.length} found among`} ${of}. “Look up” asks the API for exactly this name.`;
  };

  const readOn = async () => {
    const { signal } = reading;
    more.disabled = true;
    try {
      const { value, done } = await rest.next();
      if (signal.aborted) return;
      if (value) loaded.push(...value.items);
      complete = done === true || !value.response.headers.get("Link");
      draw();
    } catch (error) {
      if (!signal.aborted) say(explain(error));
    } finally {
      if (!signal.aborted) more.disabled = false;
    }
  };

  const reload = () => {
    reading.abort();
    reading = new AbortController();
    loaded = [];
    rest = pages(falafel.listRestaurants, {
      query: { sort: sort.value === "name" ? "name" : "rating", limit: 20 },
      signal: reading.signal,
    });
    return readOn();
  };

  const lookUp = async (event: Event) => {
    event.preventDefault();
    const name = query.value.trim();
    if (name === "") return;
    try {
      const { data } = await falafel.getRestaurant({ path: { restaurant: name } });
      location.hash = `#/${encodeURIComponent(data.name)}`;
    } catch (error) {
      if (!isProblem(error, "/problems/not-found")) return say(explain(error));
      say(`No restaurant is called exactly “${name}”. Its first review would bring it into being.`);
      location.hash = `#/${encodeURIComponent(name)}`;
    }
  };

  more.addEventListener("click", readOn);
  sort.addEventListener("change", reload);
  query.addEventListener("input", draw);
  byId("search", HTMLFormElement).addEventListener("submit", lookUp);
  void reload();

  return {
    reload,
    mark(name: string | undefined) {
      chosen = name;
      draw();
    },
  };
}

/** Without case and accents. */
function fold(text: string): string {
  return text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

function entry({ name, average_rating, review_count, average_cost, currency }: Restaurant, current: boolean): HTMLElement {
  return h(
    "a",
    { href: `#/${encodeURIComponent(name)}`, ...(current && { "aria-current": "page" }) },
    h("span", { class: "name", dir: "auto" }, name),
    stars(average_rating),
    h(
      "span",
      { class: "soft" },
      `${review_count === 1 ? "1 review" : `${review_count} reviews`}, ${money(average_cost, currency)} on average`,
    ),
  );
}
