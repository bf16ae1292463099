// Faults: switches in the path between the API and its database.
import { html, useState } from "./lib.js";
import { api } from "./api.js";
import { faults, readOnly, state } from "./store.js";
import { Button, Empty, Field, complain, say } from "./ui.js";
import { Icon } from "./icons.js";
import { href } from "./router.js";

const kinds = [
  { kind: "latency", title: "Latency", delay: 500, text: "Keeps a call for a while before it reaches the database." },
  { kind: "throttling", title: "Throttling", text: "Refuses a call as DynamoDB does when it is asked for more than it gives. The SDK tries again." },
  { kind: "errors", title: "Errors", text: "Refuses a call with 500 InternalServerError. Nothing is carried out." },
  { kind: "conflicts", title: "Conflicts", text: "Cancels a write as if another transaction were at the same item. Reads are not hit." },
  { kind: "stale", title: "Stale reads", delay: 5000, text: "Answers an eventually consistent read as it was answered before." },
  { kind: "gone", title: "Gone", text: "Breaks the connection before the database hears of the call." },
  { kind: "lost", title: "Lost answers", text: "Breaks the connection after the call was carried out: the answer does not arrive." },
];

export const sentence = (fault) => fault.text || `${fault.kind} for ${+(fault.share * 100).toFixed(1)} % of ${fault.access_pattern || "all calls"}`;

const take = (list) => { faults.value = Array.isArray(list) ? list : list?.items || list?.faults || []; };

export async function clearFaults(fault) {
  try {
    take(await api.delete("api/faults", fault ? { kind: fault.kind, access_pattern: fault.access_pattern } : undefined));
    say(fault ? "That fault is off." : "All faults are off.");
  } catch (error) {
    complain(error);
  }
}

// Banner is in every view while a fault is on: who forgot it would look for a bug.
export const Banner = () => {
  const on = faults.value;
  if (!on.length) return null;
  return html`
    <div class="banner" role="alert"><${Icon} name="warn" /><span class="grow"><strong>${on.length === 1 ? "A fault is on:" : `${on.length} faults are on:`}</strong> ${on.map(sentence).join("; ")}</span>
      <a href=${href(["faults"])}>Faults</a>
      ${!readOnly.value && html`<${Button} small onClick=${() => clearFaults()}>Turn off<//>`}</div>`;
};

function Card({ of: kind }) {
  const on = faults.value.filter((fault) => fault.kind === kind.kind);
  const [form, setForm] = useState({ share: 100, delay: kind.delay || 0, pattern: "" });
  const [busy, setBusy] = useState(false);
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      take(await api.put("api/faults", { kind: kind.kind, access_pattern: form.pattern, share: Number(form.share) / 100, ...(kind.delay ? { delay_ms: Number(form.delay) } : {}) }));
      say(`${kind.title} is on.`, "warn");
    } catch (error) {
      complain(error);
    }
    setBusy(false);
  };
  return html`
    <section class=${`card fault ${on.length ? "on" : ""}`} aria-label=${kind.title}>
      <header class="row"><h2>${kind.title}</h2><span class="grow"></span><span class=${`tag ${on.length ? "bad" : ""}`}>${on.length ? "on" : "off"}</span></header>
      <p>${kind.text}</p>
      ${on.map((fault) => html`<div class="row on-row" key=${fault.access_pattern}><span class="grow">${sentence(fault)}</span>${!readOnly.value && html`<${Button} small title=${`Turn off: ${sentence(fault)}`} onClick=${() => clearFaults(fault)}>Turn off<//>`}</div>`)}
      ${!readOnly.value && html`<form onSubmit=${submit}>
        <div class="row">
          <${Field} label="Share of calls, in %">${(id) => html`<input id=${id} type="number" min="0.1" max="100" step="any" required value=${form.share} onInput=${set("share")} />`}<//>
          ${kind.delay && html`<${Field} label=${kind.kind === "stale" ? "As old as, in ms" : "Delay, in ms"}>${(id) => html`<input id=${id} type="number" min="1" max="60000" required value=${form.delay} onInput=${set("delay")} />`}<//>`}
        </div>
        <${Field} label="Of">${(id) => html`<select id=${id} value=${form.pattern} onChange=${set("pattern")}><option value="">all calls</option>${(state.value?.access_patterns || []).map((p) => html`<option value=${p.name}>${p.name}</option>`)}</select>`}<//>
        <button type="submit" class="button" disabled=${busy} aria-label=${`Turn on: ${kind.title}`}>Turn on</button>
      </form>`}
    </section>`;
}

export const Faults = () => html`
  <div class="page">
    <div class="row page-head"><h1>Faults</h1><span class="grow"></span>${faults.value.length > 0 && !readOnly.value && html`<${Button} kind="danger" onClick=${() => clearFaults()}>Turn all off<//>`}</div>
    <p class="lead">See what the API does when its database fails. These switches sit between the two; tests use the same ones, from package <code>devenv/faults</code>.</p>
    ${readOnly.value && !faults.value.length ? html`<${Empty} title="None was on"><p>When this snapshot was taken, no fault was switched on.</p><//>` : html`<div class="cards">${kinds.map((kind) => html`<${Card} key=${kind.kind} of=${kind} />`)}</div>`}
  </div>`;
