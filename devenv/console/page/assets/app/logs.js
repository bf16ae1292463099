// Logs: every line of the service, live.
import { computed, html, signal, useEffect } from "./lib.js";
import { api } from "./api.js";
import { go, href, refine, route } from "./router.js";
import { logs, matches, more, older, requests } from "./store.js";
import { List, step } from "./list.js";
import { Button, Code, Empty, Tag, complain } from "./ui.js";
import { moment, plural, time } from "./format.js";
import { Icon } from "./icons.js";

const levels = ["debug", "info", "warn", "error"];
const kinds = { debug: "", info: "info", warn: "warn", error: "bad" };
const rank = (level) => levels.indexOf((level || "info").toLowerCase());

const found = signal({ text: "", level: "", items: [] }); // lines that the console found

export const shownLogs = computed(() => {
  const { q = "", level = "", source = "" } = route.value.view === "logs" ? route.value.query : {};
  if (!q && !level && !source) return logs.value;
  const text = q.toLowerCase();
  return matches(logs.value, found.value.text === q && found.value.level === level ? found.value.items : [], (line, hit) =>
    (!level || rank(line.level) >= rank(level)) && (!source || line.source === source) &&
    (!text || hit || (line.raw || line.message || "").toLowerCase().includes(text)));
});

async function search(q, level) {
  found.value = { text: q, level, items: q || level ? (await api.get("api/logs", { q, level, limit: 500 })).items || [] : [] };
}

export const openLog = (id) => go(["logs", String(id)], route.value.query);

export function stepLog(by) {
  const next = step(shownLogs.value, Number(route.value.parts[0]) || undefined, by);
  if (next !== undefined) openLog(next);
}

const usual = new Set(["time", "level", "msg"]);

// fields are what the line says beside its message, in the order in which it says it.
const fields = (line) => (/^time=/.test(line.raw || "") ? line.raw.replace(/^time=\S+ (level=\S+ )?(msg=("(?:[^"\\]|\\.)*"|\S+) ?)?/, "") : pairs(line).map(([name, value]) => `${name}=${value}`).join(" "));

const pairs = (line) => Object.entries(line.attributes || {}).filter(([name]) => !usual.has(name));

const Row = (line) => html`
  <span class="c-time">${time(line.at)}</span>
  <span class=${`level ${kinds[line.level] ?? ""}`}>${line.level || "–"}</span>
  <span class="c-path"><bdi>${line.message || line.raw}</bdi> <span class="pairs">${fields(line)}</span></span>
  <span class="c-source">${line.source}</span>`;

export function LogLine({ line, open }) {
  return html`
    <details class="logline" open=${open && pairs(line).length < 12}>
      <summary><span class="c-time">${time(line.at)}</span> <span class=${`level ${kinds[line.level] ?? ""}`}>${line.level || "–"}</span> <bdi>${line.message || line.raw}</bdi></summary>
      <table class="attributes"><thead class="hidden"><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead><tbody>${pairs(line).map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td>${String(value)}</td></tr>`)}</tbody></table>
    </details>`;
}

function Detail({ id }) {
  const line = logs.value.find((l) => l.id === id);
  const close = () => go(["logs"], route.value.query);
  const request = line && requests.value.find((r) => r.request_id && r.request_id === line.attributes?.request_id || r.trace_id && r.trace_id === line.attributes?.trace_id);
  return html`
    <div class="detail-head"><${Button} icon="back" title="Back to the list" kind="phone-only" onClick=${close} /><h2>Log line</h2>${line && html`<${Tag} kind=${kinds[line.level]}>${line.level || "none"}<//>`}<span class="grow"></span><${Button} icon="close" kind="wide-only" title="Close (Esc)" onClick=${close} /></div>
    <div class="panel">${!line ? html`<${Empty} title="It is gone"><p>Only the last lines are kept.</p><//>` : html`
      <p class="log-message"><bdi>${line.message || line.raw}</bdi></p>
      <dl class="facts"><div><dt>At</dt><dd>${moment(line.at)}</dd></div><div><dt>Of</dt><dd>${line.source}</dd></div>
      ${request && html`<div><dt>Request</dt><dd><a href=${href(["requests", String(request.id)])}>${request.method} ${request.path}</a></dd></div>`}
      ${line.attributes?.trace_id && html`<div><dt>Trace</dt><dd><a href=${href(["traces", String(line.attributes.trace_id)])}><code>${line.attributes.trace_id}</code></a></dd></div>`}</dl>
      ${pairs(line).length > 0 && html`<table class="attributes"><thead><tr><th scope="col">Field</th><th scope="col">Value</th></tr></thead><tbody>
        ${pairs(line).map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td><button type="button" class="link" title="Show lines with this" onClick=${() => go(["logs", String(id)], { ...route.value.query, q: `${name}=${value}` })}>${String(value)}</button></td></tr>`)}</tbody></table>`}
      <h3>As it was written</h3><${Code} text=${line.raw || line.message} plain label="Line" />`}
    </div>`;
}

export function Logs() {
  const { query: { q = "", level = "", source = "" }, parts } = route.value;
  const id = Number(parts[0]) || undefined;
  const list = shownLogs.value;
  useEffect(() => {
    const timer = setTimeout(() => search(q, level).catch(complain), 300);
    return () => clearTimeout(timer);
  }, [q, level]);
  return html`
    <div class=${`split ${id ? "has-detail" : ""}`}>
      <section class="master" aria-label="Logs">
        <form class="filters" role="search" aria-label="Filter logs" onSubmit=${(e) => e.preventDefault()}>
          <label class="search"><${Icon} name="search" size=${16} /><span class="hidden">Filter by text</span>
            <input type="search" data-search placeholder="Text, or field=value …  ( / )" value=${q} autocomplete="off" spellcheck=${false} onInput=${(e) => refine({ q: e.target.value })} /></label>
          <label><span class="hidden">Level</span><select value=${level} onChange=${(e) => refine({ level: e.target.value })}><option value="">All levels</option>${levels.slice(1).map((l) => html`<option value=${l}>${l} and above</option>`)}</select></label>
          <label><span class="hidden">Source</span><select value=${source} onChange=${(e) => refine({ source: e.target.value })}><option value="">All sources</option><option value="api">api</option><option value="devenv">devenv</option></select></label>
        </form>
        ${list.length
          ? html`<div class="logs-list"><${List} id="logs" label="Log lines, newest first" noun="line" items=${list} height=${28} chosen=${id} onChoose=${openLog} row=${Row} onEnd=${() => more.value.logs && older("logs").catch(complain)} /></div>`
          : logs.value.length ? html`<${Empty} title="No line matches"><p>${plural(logs.value.length, "line")} ${logs.value.length === 1 ? "is" : "are"} hidden by the filter.</p><${Button} onClick=${() => refine({ q: "", level: "", source: "" })}>Clear the filter<//><//>`
            : html`<${Empty} title="No log lines yet"><p>The service writes one line for each request. Send it one, and it shows up here.</p><//>`}
      </section>
      ${id && html`<section class="detail" aria-label="Log line"><${Detail} id=${id} /></section>`}
    </div>`;
}
