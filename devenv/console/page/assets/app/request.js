// One request: what it did to DynamoDB, what it cost, and how to do it again.
import { html, useComputed, useEffect, useState } from "./lib.js";
import { api } from "./api.js";
import { go, href, route } from "./router.js";
import { arrived, readOnly, requests, state } from "./store.js";
import { Button, Code, CopyButton, Empty, Method, Status, Tabs, Tag, complain, copy, say, tabID, useLoad } from "./ui.js";
import { bytes, moment, ms, plural, units, usd } from "./format.js";
import { Diff } from "./item.js";
import { Waterfall, spanRows } from "./waterfall.js";
import { LogLine } from "./logs.js";

// version changes when more is known of a request: its summary again, or spans of it.
function useVersion(id, traceID) {
  const summary = useComputed(() => requests.value.find((r) => r.id === id)).value; // drawn anew for this one alone
  const [version, setVersion] = useState(0);
  const spans = arrived.value;
  useEffect(() => {
    if (!traceID || !spans.includes(traceID)) return undefined;
    const timer = setTimeout(() => setVersion((n) => n + 1), 300); // they come in parts
    return () => clearTimeout(timer);
  }, [spans]);
  return [summary, version];
}

export async function replay(id) {
  try {
    const answer = await api.post(`api/requests/${id}/replay`);
    say(`Sent again: it is request ${answer.id}.`);
    go(["requests", String(answer.id)], route.value.query);
  } catch (error) {
    complain(error);
  }
}

export const copyAs = (id, as) => api.get(`api/requests/${id}/copy`, { as }).then(copy).catch(complain);

export function Request({ id, tab }) {
  const [traceID, setTraceID] = useState("");
  const [known, version] = useVersion(id, traceID);
  const { value: request, error } = useLoad((signal) => api.get(`api/requests/${id}`, undefined, { signal }), [id, known, version]);
  useEffect(() => { if (request) setTraceID(request.trace_id); }, [request]);
  const close = () => go(["requests"], route.value.query);
  if (error && !request) {
    return html`<div class="detail-head"><h2>Request ${id}</h2><span class="grow"></span><${Button} icon="close" title="Close" onClick=${close} /></div>
      <${Empty} title="It cannot be shown"><p>${error.message}</p><//>`;
  }
  const r = request || (known && { ...known, calls: [], call_count: known.calls }) || null;
  if (!r) return html`<div class="detail-head"><h2>Request ${id}</h2></div>`;
  const items = (r.calls || []).flatMap((call) => (call.items || []).map((item) => ({ ...item, call })));
  const tabs = [
    { id: "overview", label: "Overview" },
    { id: "request", label: "Request" },
    { id: "response", label: "Response" },
    { id: "items", label: "Items", count: items.length },
    { id: "logs", label: "Logs", count: (r.logs || []).length },
    { id: "spans", label: "Spans", count: (r.spans || []).length },
  ];
  const chosen = tabs.some((t) => t.id === tab) ? tab : "overview";
  const panel = {
    overview: () => html`<${Overview} r=${r} />`,
    request: () => html`<${Message} title="Request" message=${r.request} />`,
    response: () => html`<${Message} title="Response" message=${r.response} />`,
    items: () => (items.length ? items.map((item, i) => html`<${Diff} key=${i} change=${item} linked />`)
      : html`<${Empty} title="Nothing was written"><p>Items before and after are shown for requests that write.</p><//>`),
    logs: () => ((r.logs || []).length ? html`<div class="loglines">${r.logs.map((line) => html`<${LogLine} key=${line.id} line=${line} open />`)}</div>`
      : html`<${Empty} title="No log lines"><p>The service logged nothing with this request's id.</p><//>`),
    spans: () => ((r.spans || []).length ? html`<${Spans} spans=${r.spans} /><p class="note"><a href=${href(["traces", r.trace_id])}>The whole trace</a></p>`
      : html`<${Empty} title="No spans yet"><p>Spans come a few seconds after the answer. Under load, only some requests are traced.</p><//>`),
  }[chosen];
  return html`
    <div class="detail-head">
      <${Button} icon="back" title="Back to the list" kind="phone-only" onClick=${close} />
      <h2 title=${r.path}><${Method} method=${r.method} /> <bdi>${r.path}</bdi></h2>
      <${Status} status=${r.status} />
      <span class="grow"></span>
      <${Button} icon="close" title="Close (Esc)" kind="wide-only" onClick=${close} />
    </div>
    <div class="actions">
      ${!readOnly.value && html`<${Button} icon="replay" small title="Send it again (r)" onClick=${() => replay(id)}>Replay<//>
      <${Button} icon="edit" small title="Change it and send that (e)" onClick=${() => go(["send", String(id)])}>Edit and send<//>`}
      <span class="group" role="group" aria-label="Copy as">
        <${Button} icon="copy" small title="Copy as curl (c)" onClick=${() => copyAs(id, "curl")}>curl<//>
        <${Button} small title="Copy as a Go test" onClick=${() => copyAs(id, "go")}>Go test<//>
        <${Button} small title="Copy as TypeScript" onClick=${() => copyAs(id, "typescript")}>TypeScript<//>
      </span>
    </div>
    <${Figures} r=${r} />
    <${Tabs} label="Of this request" tabs=${tabs} chosen=${chosen} panel="request-panel" onChoose=${(t) => go(["requests", String(id), t], route.value.query)} />
    <div id="request-panel" class="panel" role="tabpanel" aria-labelledby=${tabID(chosen)} tabindex="0">${panel()}</div>`;
}

const Figures = ({ r }) => html`
  <dl class="figures">
    <div><dt>Took</dt><dd>${ms(r.took_ms)}</dd></div>
    <div><dt>DynamoDB</dt><dd>${ms(r.dynamodb_ms)}</dd></div>
    <div><dt>Calls</dt><dd>${r.call_count ?? (r.calls || []).length}</dd></div>
    <div><dt>Read units</dt><dd>${units(r.read_units || 0)}</dd></div>
    <div><dt>Write units</dt><dd>${units(r.write_units || 0)}</dd></div>
    <div><dt title="What a million of such requests cost at DynamoDB, on demand">USD / million</dt><dd>${usd(r.usd_per_million || 0)}</dd></div>
  </dl>`;

function Overview({ r }) {
  const calls = r.calls || [];
  const prices = state.value?.prices || {};
  const cost = (call) => ((call.read_units || 0) * (prices.read_unit_usd_per_million || 0) + (call.write_units || 0) * (prices.write_unit_usd_per_million || 0));
  const rows = [{ id: "request", label: r.route || r.path.split("?")[0], note: r.method, start: 0, took: r.took_ms, kind: "span" }].concat(calls.map((call) => ({
    id: `call-${call.id}`,
    label: call.access_pattern || call.operation,
    note: [call.attempt > 1 && `attempt ${call.attempt}`, call.fault && `fault: ${call.fault}`, call.access_pattern && call.operation, call.error].filter(Boolean).join(" · "),
    start: call.start_ms, took: call.took_ms, depth: 1,
    kind: call.error || call.fault === "lost" ? "bad" : call.fault ? "warn" : "call",
    title: call.error,
    side: [call.read_units ? `${units(call.read_units)} R` : "", call.write_units ? `${units(call.write_units)} W` : "", cost(call) ? usd(cost(call)) : ""].filter(Boolean).join("  "),
    detail: () => html`<${Call} call=${call} />`,
  })));
  return html`
    ${r.error && html`<p class="alert bad">${r.error}</p>`}
    <h3>DynamoDB calls</h3>
    <${Waterfall} rows=${rows} total=${r.took_ms} label="Calls of DynamoDB over time" />
    ${!calls.length && html`<p class="note">${r.call_count ? "The calls are being fetched." : "This request did not call DynamoDB."}</p>`}
    ${r.calls_dropped ? html`<p class="note">${plural(r.calls_dropped, "more call")} ${r.calls_dropped === 1 ? "was" : "were"} too many to keep.</p>` : ""}
    <h3>About it</h3>
    <dl class="facts">
      <div><dt>At</dt><dd>${moment(r.at)}</dd></div>
      ${r.route && html`<div><dt>Route</dt><dd><code>${r.route}</code></dd></div>`}
      <div><dt>Bytes</dt><dd>${bytes(r.request_bytes)} in, ${bytes(r.response_bytes)} out</dd></div>
      ${r.request_id && html`<div><dt>Request id</dt><dd><code>${r.request_id}</code> <${CopyButton} text=${r.request_id} label="Copy the request id" /></dd></div>`}
      ${r.trace_id && html`<div><dt>Trace</dt><dd><a href=${href(["traces", r.trace_id])}><code>${r.trace_id}</code></a></dd></div>`}
      ${r.replay_of ? html`<div><dt>Replay of</dt><dd><a href=${href(["requests", String(r.replay_of)])}>Request ${r.replay_of}</a></dd></div>` : ""}
    </dl>`;
}

const Call = ({ call }) => html`
  <dl class="facts tight">
    <div><dt>Operation</dt><dd>${call.operation}${call.index ? html` on index <code>${call.index}</code>` : ""}</dd></div>
    <div><dt>Status</dt><dd><${Status} status=${call.status} /> ${call.error && html`<${Tag} kind="bad">${call.error}<//>`} ${call.fault && html`<${Tag} kind="warn">fault: ${call.fault}<//>`}</dd></div>
  </dl>
  ${(call.items || []).map((item, i) => html`<${Diff} key=${i} change=${item} linked />`)}
  <div class="columns"><div><h4>Sent</h4><${Body} body=${call.request} label="Call" /></div><div><h4>Answered</h4><${Body} body=${call.response} label="Answer of DynamoDB" /></div></div>`;

export function Body({ body, label }) {
  if (!body || (!body.text && !body.base64)) return html`<p class="note">${body?.note || "No body."}</p>`;
  return html`
    ${body.base64 ? html`<p class="note">Not text: ${bytes(body.bytes)}, here in base64.</p><${Code} text=${body.base64} plain label=${label} />` : html`<${Code} text=${body.text} plain=${body.truncated} label=${label} />`}
    ${body.truncated && html`<p class="note">Of ${bytes(body.bytes)}, this is the beginning.</p>`}
    ${body.note && html`<p class="note">${body.note}</p>`}`;
}

const Message = ({ title, message }) => html`
  <h3>Headers</h3>
  ${message?.headers?.length ? html`<table class="attributes headers"><thead class="hidden"><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead><tbody>
    ${message.headers.map(([name, value], i) => html`<tr key=${i}><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>` : html`<p class="note">No headers.</p>`}
  <h3>Body</h3><${Body} body=${message?.body} label=${`${title} body`} />`;

export const Spans = ({ spans }) => html`<${Waterfall} rows=${spanRows(spans, (span) => html`<${Span} span=${span} />`)} label="Spans over time" />`;

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const Span = ({ span }) => html`
  <table class="attributes"><thead class="hidden"><tr><th scope="col">Attribute</th><th scope="col">Value</th></tr></thead><tbody>
    ${span.status && html`<tr><th scope="row">status</th><td>${text(span.status)}</td></tr>`}
    <tr><th scope="row">span</th><td><code>${span.span_id}</code></td></tr>
    ${Object.entries(span.attributes || {}).map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td>${text(value)}</td></tr>`)}
    ${(span.events || []).map((event, i) => html`<tr key=${`event-${i}`}><th scope="row">event</th><td>${text(event)}</td></tr>`)}
  </tbody></table>`;
