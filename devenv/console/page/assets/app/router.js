// Where the reader is, kept in the address: #/requests/12?q=POST. Links can be sent, and
// the back button works.
import { signal } from "./lib.js";

function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const decode = (part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part; // typed by hand
    }
  };
  const parts = path.split("/").filter(Boolean).map(decode);
  return { view: parts[0] || "requests", parts: parts.slice(1), query: Object.fromEntries(new URLSearchParams(search)) };
}

export const route = signal(parse(location.hash));

addEventListener("hashchange", () => { route.value = parse(location.hash); });
addEventListener("popstate", () => { route.value = parse(location.hash); });

export function href(parts, parameters = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) search.set(name, value);
  const text = search.toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export function go(parts, parameters) {
  clearTimeout(later);
  location.hash = href(parts, parameters);
}

// refine changes the parameters of where the reader is, without a step to go back.
export function refine(parameters) {
  const { view, parts, query } = route.value;
  route.value = parse(href([view, ...parts], { ...query, ...parameters }));
  // Browsers allow some dozen changes of the address within seconds: not one for each key.
  clearTimeout(later);
  later = setTimeout(write, 200);
}

let later = 0;

function write() {
  const { view, parts, query } = route.value;
  history.replaceState(null, "", href([view, ...parts], query));
}
