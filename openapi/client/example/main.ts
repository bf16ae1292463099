// An example of a front end on the client, without a framework. restaurants.ts has the
// list and the search, reviews.ts a restaurant's reviews with the optimistic update,
// editor.ts the form and the conflict.

import { createFalafel } from "@pretendfriend/falafel-api";
import { byId } from "./dom.js";
import { showRestaurants } from "./restaurants.js";
import { showReviews } from "./reviews.js";

// The development server passes /v1 on to the API: see vite.config.ts.
const falafel = createFalafel();
const restaurants = showRestaurants(falafel);

/** The restaurant is in the address: it can be bookmarked, and the browser's Back works. */
function route(): void {
  const name = location.hash.startsWith("#/") ? decodeURIComponent(location.hash.slice(2)) : undefined;
  document.body.classList.toggle("chosen", name !== undefined);
  document.title = name === undefined ? "Falafel" : `${name} – Falafel`;
  restaurants.mark(name);
  showReviews(falafel, name, () => restaurants.reload());
  if (name !== undefined) byId("detail", HTMLElement).focus({ preventScroll: true });
}

addEventListener("hashchange", () => {
  if (location.hash === "" || location.hash.startsWith("#/")) route();
});
byId("skip", HTMLElement).addEventListener("click", (event) => {
  event.preventDefault(); // the address is the restaurant's
  byId("detail", HTMLElement).focus();
});
route();
