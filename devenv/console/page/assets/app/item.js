// An item of DynamoDB, and what a write changed in it.
import { html } from "./lib.js";
import { href } from "./router.js";
import { Tag } from "./ui.js";

// visible has no characters that cannot be seen, or that turn what follows around.
export const visible = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

// plain is an attribute as a person would write it. Numbers stay texts: JavaScript's have
// fewer digits.
export function plain(attribute) {
  if (attribute === undefined || attribute === null) return "";
  const [type] = Object.keys(attribute);
  const value = attribute[type];
  switch (type) {
    case "S": return value;
    case "N": return value;
    case "BOOL": return String(value);
    case "NULL": return "null";
    case "B": return `base64 ${value}`;
    case "SS": case "NS": case "BS": return `{${value.join(", ")}}`;
    case "L": return `[${value.map(plain).join(", ")}]`;
    case "M": return `{${Object.entries(value).map(([name, inner]) => `${name}: ${plain(inner)}`).join(", ")}}`;
    default: return JSON.stringify(attribute);
  }
}

export const typeOf = (attribute) => (attribute ? Object.keys(attribute)[0] : "");

// names has the keys first.
export function names(...items) {
  const all = new Set(items.flatMap((item) => Object.keys(item || {})));
  const keys = ["pk", "sk"].filter((name) => all.delete(name));
  return [...keys, ...[...all].sort()];
}

const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const Value = ({ of: attribute, sign = "" }) => html`<span class="value">${sign}<span class="type" title="DynamoDB's type">${typeOf(attribute)}</span> ${visible(plain(attribute))}</span>`;

export const Attributes = ({ item }) => html`
  <table class="attributes"><thead><tr><th scope="col">Attribute</th><th scope="col">Value</th></tr></thead><tbody>
    ${names(item).map((name) => html`<tr key=${name}><th scope="row">${name}</th><td><${Value} of=${item[name]} /></td></tr>`)}
  </tbody></table>`;

// Diff is the item of a write: what went, what came, and beside them what stayed.
export function Diff({ change, linked }) {
  const { before, after, omitted } = change;
  const verb = omitted ? "too large to keep" : !before && !after ? "not there, before and after" : !before ? "created" : !after ? "deleted" : equal(before, after) ? "unchanged" : "changed";
  const keys = [change.pk, change.sk].map((part) => part && html`<span>${visible(part)}</span>`);
  const kind = { created: "good", deleted: "bad", changed: "warn" }[verb] || "";
  return html`
    <section class="diff" aria-label=${`${change.pk} ${change.sk}`}>
      <h3 class="item-head"><span class="key">${linked && after ? html`<a href=${href(["table", "scan"], { pk: change.pk, sk: change.sk })}>${keys}</a>` : keys}</span><${Tag} kind=${kind}>${verb}<//></h3>
      ${(!before || !after || verb === "unchanged") && (before || after) ? html`<table class="attributes one"><thead><tr><th scope="col">Attribute</th><th scope="col">${before ? "Before" : "After"}</th></tr></thead><tbody>
        ${names(before || after).map((name) => html`<tr key=${name}><th scope="row">${name}</th><td>${before && after ? html`<${Value} of=${after[name]} />` : before ? html`<del><${Value} sign="− " of=${before[name]} /></del>` : html`<ins><${Value} sign="+ " of=${after[name]} /></ins>`}</td></tr>`)}
      </tbody></table>` : ""}
      ${before && after && verb !== "unchanged" && html`<table class="attributes"><thead><tr><th scope="col">Attribute</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>
        ${names(before, after).map((name) => {
          const was = before?.[name];
          const is = after?.[name];
          const same = equal(was, is);
          return html`<tr key=${name} class=${same ? "same" : ""}><th scope="row">${name}</th>
            <td>${was !== undefined && (same ? html`<${Value} of=${was} />` : html`<del><${Value} sign="− " of=${was} /></del>`)}</td>
            <td>${is !== undefined && (same ? html`<${Value} of=${is} />` : html`<ins><${Value} sign="+ " of=${is} /></ins>`)}</td></tr>`;
        })}
      </tbody></table>`}
    </section>`;
}
