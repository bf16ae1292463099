// The table: what each access pattern of the service reads, a scan by page, and the items
// themselves.
import { html, useEffect, useState } from "./lib.js";
import { api } from "./api.js";
import { go, href, route } from "./router.js";
import { readOnly, requests, state } from "./store.js";
import { Button, Code, Command, Empty, Field, Tabs, Tag, tabID, useLoad } from "./ui.js";
import { ms, number, plural, units, usd } from "./format.js";
import { names, plain, typeOf, visible } from "./item.js";
import { Item } from "./editor.js";

// inputs are what an access pattern's keys ask for.
const inputs = (pattern) => ({
  restaurant: /RESTAURANT#name|review|summary/i.test(pattern.keys),
  id: /sk = REVIEW#id|\breview\b/i.test(pattern.keys) && /GetItem|Transact/.test(pattern.operation),
  shard: /#shard/.test(pattern.keys),
});

// A restaurant to begin with: the one that was asked for last.
function recent() {
  for (const request of requests.peek()) {
    const match = request.path.match(/^\/v1\/restaurants\/([^/?]+)/);
    if (match) {
      try {
        return decodeURIComponent(match[1]);
      } catch {
        return "";
      }
    }
  }
  return "";
}

export function Table() {
  const { parts, query } = route.value;
  const patterns = state.value?.access_patterns || [];
  const tabs = [
    { id: "scan", label: "Scan", hint: "all items, by page" },
    { id: "indexes", label: "Keys and indexes", hint: "how the table is made" },
    ...patterns.map((p) => ({ id: p.name, label: p.name, hint: [p.operation, p.index && `index ${p.index}`].filter(Boolean).join(" · ") })),
  ];
  const chosen = tabs.some((tab) => tab.id === parts[0]) ? parts[0] : "scan";
  const pattern = patterns.find((p) => p.name === chosen);
  const item = query.pk !== undefined && query.pk !== "" ? { pk: query.pk, sk: query.sk || "" } : null;
  const closeItem = () => go(["table", ...parts], { ...query, pk: "", sk: "" });
  const isNew = parts[0] === "new";
  if (readOnly.value && !state.value?.table) return html`<div class="page"><${Empty} title="No table"><p>This snapshot has none.</p><//></div>`;
  return html`
    <div class=${`split table-view ${item || isNew ? "has-detail" : ""}`}>
      <nav class="patterns" aria-label="Access patterns"><${Tabs} label="Ways to read the table" vertical tabs=${tabs} chosen=${chosen} panel="table-panel" onChoose=${(id) => go(["table", id])} /></nav>
      <section id="table-panel" class="master" role="tabpanel" aria-labelledby=${tabID(chosen)}>
        ${chosen === "indexes" ? html`<${Description} />` : pattern ? html`<${Query} key=${chosen} pattern=${pattern} />` : html`<${Scan} key="scan" />`}
      </section>
      ${(item || isNew) && html`<section class="detail" aria-label="Item"><${Item} key=${`${query.pk}\n${query.sk}`} pk=${item?.pk} sk=${item?.sk} onClose=${isNew ? () => go(["table", "scan"]) : closeItem} /></section>`}
    </div>`;
}

// useRead sends a query, and again for each next page.
function useRead(path) {
  const [read, setRead] = useState({ items: null, next: "", busy: false, error: "" });
  const run = async (body, start = "") => {
    setRead((before) => ({ ...before, busy: true, error: "", items: start ? before.items : before.items }));
    try {
      const answer = await api.post(path, { ...body, ...(start ? { start } : {}) });
      setRead((before) => ({
        ...answer, items: start ? [...(before.items || []), ...(answer.items || [])] : answer.items || [],
        units: (start ? before.units || 0 : 0) + (answer.read_units || 0), busy: false, error: "",
      }));
    } catch (error) {
      setRead((before) => ({ ...before, busy: false, error: error.message, items: start ? before.items : null }));
    }
  };
  return [read, run];
}

const clean = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined));

function Query({ pattern }) {
  const wants = inputs(pattern);
  const { query } = route.value;
  const [form, setForm] = useState({ restaurant: query.restaurant || (wants.restaurant ? recent() : ""), id: query.id || "", shard: query.shard || (wants.shard ? "0" : ""), limit: "20" });
  const [read, run] = useRead("api/table/query");
  const [sent, setSent] = useState(null);
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const send = (event) => {
    event?.preventDefault();
    const body = clean({ access_pattern: pattern.name, restaurant: form.restaurant, id: form.id, shard: form.shard === "" ? undefined : Number(form.shard), limit: Number(form.limit) });
    setSent(body);
    run(body);
  };
  // What can be asked without an answer from the reader is asked at once.
  useEffect(() => { if ((!wants.restaurant || form.restaurant) && (!wants.id || form.id || !/GetItem/.test(pattern.operation))) send(); }, []);
  return html`
    <header class="pattern-head"><h2>${pattern.name}</h2>
      <p><${Tag}>${pattern.operation}<//> ${pattern.index && html`<${Tag} kind="info">index ${pattern.index}<//>`} <${Tag}>${pattern.consistent_read ? "strongly consistent" : pattern.index ? "eventually consistent" : /Get|Query/.test(pattern.operation) ? "eventually consistent" : "a write"}<//></p>
      <p><code>${pattern.keys}</code></p>
      ${/Transact|Put|Delete|Update/.test(pattern.operation) && html`<p class="note">The service writes by this. Here, what it would write to is read.</p>`}</header>
    <form class="filters" onSubmit=${send} aria-label=${pattern.name}>
      ${wants.restaurant && html`<${Field} label="Restaurant">${(id) => html`<input id=${id} data-search value=${form.restaurant} onInput=${set("restaurant")} placeholder="My Falafel" autocomplete="off" spellcheck=${false} />`}<//>`}
      ${wants.id && html`<${Field} label="Review id">${(id) => html`<input id=${id} class="mono" value=${form.id} onInput=${set("id")} placeholder="01a20ab6-…" autocomplete="off" spellcheck=${false} />`}<//>`}
      ${wants.shard && html`<${Field} label="Shard">${(id) => html`<input id=${id} type="number" min="0" max="99" value=${form.shard} onInput=${set("shard")} />`}<//>`}
      <${Field} label="Items">${(id) => html`<select id=${id} value=${form.limit} onChange=${set("limit")}>${[10, 20, 50, 100].map((n) => html`<option>${n}</option>`)}</select>`}<//>
      <button type="submit" class="button primary align-end" disabled=${read.busy}>${read.busy ? "Reading …" : "Read"}</button>
    </form>
    <${Result} read=${read} again=${() => sent && run(sent, read.next)} />`;
}

function Scan() {
  const [index, setIndex] = useState("");
  const [limit, setLimit] = useState("50");
  const [read, run] = useRead("api/table/scan");
  const { value: table } = useLoad((signal) => api.get("api/table", undefined, { signal }), []);
  const body = clean({ index, limit: Number(limit) });
  const send = (event) => {
    event?.preventDefault();
    run(body);
  };
  useEffect(() => { send(); }, [index, limit]);
  return html`
    <header class="pattern-head"><h2>Scan</h2><p class="note">Page by page, in the order in which partitions lie. The service never scans: its cost grows with the table.</p></header>
    <form class="filters" onSubmit=${send} aria-label="Scan">
      <${Field} label="Of">${(id) => html`<select id=${id} value=${index} onChange=${(e) => setIndex(e.target.value)}><option value="">the table</option>${indexesOf(table).map((i) => html`<option value=${i.name}>index ${i.name}</option>`)}</select>`}<//>
      <${Field} label="Items">${(id) => html`<select id=${id} value=${limit} onChange=${(e) => setLimit(e.target.value)}>${[20, 50, 100, 250].map((n) => html`<option>${n}</option>`)}</select>`}<//>
      <button type="submit" class="button primary align-end" disabled=${read.busy}>${read.busy ? "Reading …" : "Read"}</button>
      <span class="grow"></span>
      ${!readOnly.value && html`<a class="button align-end" href=${href(["table", "new"])}>New item</a>`}
    </form>
    <${Result} read=${read} again=${() => run(body, read.next)} />`;
}

function Result({ read, again }) {
  const { query } = route.value;
  if (read.error) return html`<p class="alert bad" role="alert">${read.error}</p>`;
  if (!read.items) return html`<p class="note" aria-live="polite">${read.busy ? "Reading …" : ""}</p>`;
  const rate = state.value?.prices?.read_unit_usd_per_million || 0;
  const columns = names(...read.items).slice(0, 12);
  const open = (item) => go(["table", ...route.value.parts.filter((p) => p !== "new")], { ...query, pk: plain(item.pk), sk: plain(item.sk) });
  return html`
    <p class="result-head" aria-live="polite">${plural(read.items.length, "item")} · ${units(read.units)} ${read.units === 1 ? "read unit" : "read units"} · ${usd(read.units * rate)} per million · ${ms(read.took_ms)}</p>
    ${read.items.length ? html`<div class="scroll" tabindex="0" role="region" aria-label="Items">
      <table class="data items"><thead><tr>${columns.map((name) => html`<th scope="col" key=${name}>${name}</th>`)}</tr></thead><tbody>
        ${read.items.map((item, i) => {
          const chosen = query.pk === plain(item.pk) && query.sk === plain(item.sk);
          return html`<tr key=${`${plain(item.pk)}\n${plain(item.sk)}\n${i}`} class=${chosen ? "chosen" : ""} onClick=${() => open(item)}>
            ${columns.map((name, c) => html`<td key=${name} title=${visible(plain(item[name]))} class=${typeOf(item[name]) === "N" ? "num" : ""}>${c === 0 && item.pk
              ? html`<button type="button" class="link" aria-label=${`Open ${plain(item.pk)} ${plain(item.sk)}`} onClick=${(e) => { e.stopPropagation(); open(item); }}>${visible(plain(item[name]))}</button>` : visible(plain(item[name]))}</td>`)}</tr>`;
        })}
      </tbody></table></div>` : html`<${Empty} title="No items"><p>Nothing in the table has these keys.</p><//>`}
    ${read.next && html`<p class="row"><${Button} busy=${read.busy} onClick=${again}>Next page<//></p>`}
    ${read.call && html`<details class="the-call"><summary>The call that was made</summary><${Code} text=${typeof read.call === "string" ? read.call : JSON.stringify(read.call)} label="Call" /></details>`}`;
}

const indexesOf = (table) => (table?.indexes || table?.global_secondary_indexes || []).map((i) => (typeof i === "string" ? { name: i } : i));

const keyText = (key) => (typeof key === "string" ? key : Array.isArray(key) ? key.map(keyText).join(", ") : key ? Object.values(key).join(" ") : "");

function Description() {
  const { value: table, error } = useLoad((signal) => api.get("api/table", undefined, { signal }), []);
  if (error) return html`<${Empty} title="The table does not answer"><p>${error.message}</p><//>`;
  if (!table) return null;
  const keys = table.keys || table.key || [];
  return html`
    <header class="pattern-head"><h2>${table.name || state.value?.table}</h2></header>
    <div class="panel">
      <dl class="facts">
        ${table.items !== undefined || table.item_count !== undefined ? html`<div><dt>Items</dt><dd>${number(table.items ?? table.item_count)} <small class="muted">as DynamoDB counts them, which may be hours old on AWS</small></dd></div>` : ""}
        <div><dt>Keys</dt><dd><code>${keyText(keys)}</code></dd></div>
        <div><dt>At</dt><dd><code>${state.value?.dynamodb?.endpoint}</code> (${state.value?.dynamodb?.kind})</dd></div>
      </dl>
      <h3>Indexes</h3>
      <div class="scroll"><table class="data" aria-label="Indexes"><thead><tr><th scope="col">Name</th><th scope="col">Keys</th><th scope="col">Used by</th></tr></thead><tbody>
        ${indexesOf(table).map((i) => html`<tr key=${i.name}><th scope="row">${i.name}</th><td><code>${keyText(i.keys || i.key)}</code></td><td>${(state.value?.access_patterns || []).filter((p) => p.index === i.name).map((p) => html`<a class="block" href=${href(["table", p.name])}>${p.name}</a>`)}</td></tr>`)}
      </tbody></table></div>
      <h3>From the terminal</h3>
      <${Command} text=${`aws dynamodb scan --table-name ${table.name || state.value?.table || ""} --max-items 5 --endpoint-url ${state.value?.dynamodb?.endpoint || ""}`} />
    </div>`;
}
