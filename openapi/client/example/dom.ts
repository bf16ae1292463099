import { ApiError, NetworkError } from "@pretendfriend/falafel-api";

type Child = Node | string | false | undefined;

/** Makes an element. Texts are texts: nothing that came from somebody is read as HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string | boolean | EventListener> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "string") element.setAttribute(name, value);
    else element.toggleAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** The element of index.html with that id. */
export function byId<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`there is no ${type.name} #${id}`);
  return element;
}

let hide: ReturnType<typeof setTimeout> | undefined;

/** Says it at the foot of the page, and to screen readers. */
export function say(text: string): void {
  const status = byId("status", HTMLElement);
  status.textContent = text;
  clearTimeout(hide);
  hide = setTimeout(() => status.replaceChildren(), 8_000);
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    const rules = error.errors.map(({ location, message }) => `${location?.replace("body.", "") ?? ""} ${message}`);
    return `${error.title}: ${rules.length > 0 ? rules.join("; ") : (error.detail ?? `status ${error.status}`)}`;
  }
  if (error instanceof NetworkError) return "The API cannot be reached. Does it run, and is it online?";
  return String(error);
}

export function stars(rating: number): HTMLElement {
  return h("span", { class: "stars", role: "img", "aria-label": `${rating} of 5` }, `★ ${rating.toFixed(1)}`);
}

export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount);
}

export function date(value: string): string {
  return new Date(value).toLocaleDateString(undefined, { dateStyle: "medium" });
}
