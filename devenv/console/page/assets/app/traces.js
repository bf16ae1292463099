// Traces: whatever arrived over OTLP, from the service and from tests.
import { html, useEffect, useState } from "./lib.js";
import { api } from "./api.js";
import { go, href, refine, route } from "./router.js";
import { arrived, loadTraces, requests, traces } from "./store.js";
import { List, step } from "./list.js";
import { Button, Code, Command, Empty, Tag, complain, useLoad } from "./ui.js";
import { ms, plural, time } from "./format.js";
import { Spans } from "./request.js";
import { Icon } from "./icons.js";

const rows = () => {
  const text = (route.value.query.q || "").toLowerCase();
  return traces.value.filter((t) => !text || [t.root, t.service, t.trace_id].some((part) => part && part.toLowerCase().includes(text))).map((t) => ({ ...t, id: t.trace_id }));
};

export const openTrace = (id) => go(["traces", id], route.value.query);

export function stepTrace(by) {
  const next = step(rows(), route.value.parts[0], by);
  if (next !== undefined) openTrace(next);
}

const Row = (t) => html`
  <span class="c-time">${time(t.at)}</span>
  <span class="c-path"><bdi>${t.root || "(its root has not arrived)"}</bdi> ${t.error ? html`<${Tag} kind="bad">error<//>` : ""}</span>
  <span class="c-source">${t.service}</span>
  <span class="c-calls">${plural(t.spans, "span")}</span>
  <span class="c-took">${ms(t.took_ms)}</span>`;

function Detail({ id }) {
  const [version, setVersion] = useState(0);
  const [asText, setAsText] = useState(false);
  const spans = arrived.value;
  useEffect(() => {
    if (!spans.includes(id)) return undefined;
    const timer = setTimeout(() => setVersion((n) => n + 1), 300);
    return () => clearTimeout(timer);
  }, [spans]);
  const { value: trace, error } = useLoad((signal) => api.get(`api/traces/${encodeURIComponent(id)}`, undefined, { signal }), [id, version]);
  const close = () => go(["traces"], route.value.query);
  const request = requests.value.find((r) => r.trace_id === id);
  return html`
    <div class="detail-head"><${Button} icon="back" title="Back to the list" kind="phone-only" onClick=${close} /><h2><span class="muted">Trace</span> <code>${id}</code></h2><span class="grow"></span><${Button} icon="close" kind="wide-only" title="Close (Esc)" onClick=${close} /></div>
    <div class="panel">
      ${error && html`<${Empty} title="It cannot be shown"><p>${error.message}</p><//>`}
      ${trace && html`
        <div class="row"><span class="grow">${plural((trace.spans || []).length, "span")}${request ? html`, of <a href=${href(["requests", String(request.id)])}>${request.method} ${request.path}</a>` : ""}</span>
          ${trace.waterfall && html`<${Button} small aria-pressed=${asText ? "true" : "false"} onClick=${() => setAsText(!asText)}>As text<//>`}</div>
        ${asText ? html`<${Code} text=${trace.waterfall} plain columns label="Waterfall" />` : html`<${Spans} spans=${trace.spans || []} />`}`}
    </div>`;
}

export function Traces() {
  const { query: { q = "" }, parts: [id] } = route.value;
  useEffect(() => { loadTraces().catch(complain); }, []);
  const list = rows();
  return html`
    <div class=${`split ${id ? "has-detail" : ""}`}>
      <section class="master" aria-label="Traces">
        <form class="filters" role="search" aria-label="Filter traces" onSubmit=${(e) => e.preventDefault()}>
          <label class="search"><${Icon} name="search" size=${16} /><span class="hidden">Filter by name, service or id</span>
            <input type="search" data-search placeholder="Name, service or id …  ( / )" value=${q} autocomplete="off" spellcheck=${false} onInput=${(e) => refine({ q: e.target.value })} /></label>
        </form>
        ${list.length ? html`<div class="traces-list"><${List} id="traces" label="Traces, newest first" noun="trace" items=${list} height=${34} chosen=${id} onChoose=${openTrace} row=${Row} /></div>`
          : traces.value.length ? html`<${Empty} title="No trace matches"><${Button} onClick=${() => refine({ q: "" })}>Clear the filter<//><//>`
            : html`<${Empty} title="No traces yet"><p>Send the API a request: its spans arrive within seconds. Your tests' traces show here as well:</p>
              <${Command} text=${`OTEL_EXPORTER_OTLP_ENDPOINT=${location.origin} go test ./api/...`} /><//>`}
      </section>
      ${id && html`<section class="detail" aria-label="Trace"><${Detail} id=${id} key=${id} /></section>`}
    </div>`;
}
