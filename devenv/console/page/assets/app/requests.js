// Requests: a live list beside the request that is looked at.
import { computed, html, signal, useEffect } from "./lib.js";
import { api } from "./api.js";
import { go, refine, route } from "./router.js";
import { matches, more, older, readOnly, requests, state, ticks } from "./store.js";
import { List, step } from "./list.js";
import { Button, Command, Empty, Method, Status, complain } from "./ui.js";
import { bytes, ms, plural, time, units, usd } from "./format.js";
import { Request } from "./request.js";
import { Compose } from "./compose.js";
import { Icon } from "./icons.js";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const statuses = ["2xx", "3xx", "4xx", "5xx"];

// Requests that the console found by the filter's text.
const found = signal({ text: "", items: [] });

export const shown = computed(() => {
  const { q = "", method = "", status = "" } = route.value.view === "requests" || route.value.view === "send" ? route.value.query : {};
  if (!q && !method && !status) return requests.value;
  const text = q.toLowerCase();
  return matches(requests.value, found.value.text === q ? found.value.items : [], (r, hit) =>
    (!method || r.method === method) &&
    (!status || String(Math.floor((r.status || 500) / 100)) === status[0]) &&
    (!text || hit || [r.path, r.route, r.method, String(r.status), r.error, r.trace_id, r.request_id].some((part) => part && part.toLowerCase().includes(text))));
});

async function search(q) {
  found.value = { text: q, items: q ? (await api.get("api/requests", { q, limit: 500 })).items || [] : [] };
}

export const open = (id) => go(["requests", String(id), ...(route.value.parts[1] ? [route.value.parts[1]] : [])], route.value.query);

export function stepRequest(by) {
  const next = step(shown.value, Number(route.value.parts[0]) || undefined, by);
  if (next !== undefined) open(next);
}

const Row = (r) => html`
  <span class="c-time">${time(r.at)}</span>
  <${Method} method=${r.method} />
  <span class="c-path" title=${r.path}>${r.replay_of ? html`<span class="again" title=${`Replay of request ${r.replay_of}`}><${Icon} name="replay" size=${12} /></span>` : ""}<bdi>${r.path}</bdi></span>
  <${Status} status=${r.status} />
  <span class="c-took">${ms(r.took_ms)}</span>
  <span class="c-calls" title="Calls of DynamoDB, and the time with at least one of them">${r.calls ? `${plural(r.calls, "call")}, ${ms(r.dynamodb_ms)}` : "–"}</span>
  <span class="c-units" title="Read and write units that were consumed">${[r.read_units && `${units(r.read_units)} R`, r.write_units && `${units(r.write_units)} W`].filter(Boolean).join("  ") || "–"}</span>
  <span class="c-usd" title="What a million of such requests cost at DynamoDB">${r.calls ? usd(r.usd_per_million) : "–"}</span>
  <span class="c-bytes" title="Bytes of the answer">${bytes(r.response_bytes)}</span>`;

function Filters() {
  const { q = "", method = "", status = "" } = route.value.query;
  useEffect(() => {
    const timer = setTimeout(() => search(q).catch(complain), 300);
    return () => clearTimeout(timer);
  }, [q]);
  return html`
    <form class="filters" role="search" aria-label="Filter requests" onSubmit=${(e) => e.preventDefault()}>
      <label class="search"><${Icon} name="search" size=${16} /><span class="hidden">Filter by path, status, id or body</span>
        <input type="search" data-search placeholder="Path, status, id, body …  ( / )" value=${q} autocomplete="off" spellcheck=${false}
          onInput=${(e) => refine({ q: e.target.value })} /></label>
      <label><span class="hidden">Method</span><select value=${method} onChange=${(e) => refine({ method: e.target.value })}>
        <option value="">All methods</option>${methods.map((m) => html`<option value=${m}>${m}</option>`)}</select></label>
      <div class="chips" role="group" aria-label="Status">
        ${statuses.map((s) => html`<button type="button" class="chip" aria-pressed=${status === s ? "true" : "false"} onClick=${() => refine({ status: status === s ? "" : s })}>${s}</button>`)}
      </div>
      <span class="grow"></span>
      ${!readOnly.value && html`<${Button} icon="send" title="Send a request" small onClick=${() => go(["send"])}>Send<//>`}
    </form>`;
}

const example = () => `curl -i ${state.value?.front || "http://127.0.0.1:3000"}/v1/restaurants/My%20Falafel/reviews \\
  -H 'Content-Type: application/json' \\
  -d '{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": "Crisp!"}'`;

// Counted says of what is missing in the list that it was not forgotten.
const countedOnly = computed(() => ticks.value.reduce((sum, tick) => sum + (tick.counted_only || 0), 0));

const Counted = () => countedOnly.value > 0 && html`<p class="counted">${plural(countedOnly.value, "request")} of the last 15 minutes ${countedOnly.value === 1 ? "is" : "are"} not in this list: more than ${state.value?.limits?.recorded_per_second ?? "some"} a second are only counted.</p>`;

const Nothing = () => (requests.value.length
  ? html`<${Empty} title="No request matches"><p>${plural(requests.value.length, "request")} ${requests.value.length === 1 ? "is" : "are"} hidden by the filter.</p>
      <${Button} onClick=${() => refine({ q: "", method: "", status: "" })}>Clear the filter<//><//>`
  : html`<${Empty} title="No requests yet"><p>Whatever goes through the API's address shows up here as it happens. Try:</p><${Command} text=${example()} /><//>`);

export function Requests() {
  const { view, parts } = route.value;
  const id = Number(parts[0]) || undefined;
  const list = shown.value;
  const detail = view === "send" ? html`<${Compose} from=${id} />` : id ? html`<${Request} id=${id} tab=${parts[1] || "overview"} key=${id} />` : null;
  return html`
    <div class=${`split ${detail ? "has-detail" : ""}`}>
      <section class="master" aria-label="Requests">
        <${Filters} /><${Counted} />
        ${list.length
          ? html`<div class="head requests-row" aria-hidden="true"><span>Time</span><span>Method</span><span>Path</span><span>Status</span><span class="c-took">Took</span><span class="c-calls">DynamoDB</span><span class="c-units">Units</span><span class="c-usd">USD / million</span><span class="c-bytes">Answer</span></div>
            <div class="requests-list"><${List} id="requests" label="Requests, newest first" noun="request" items=${list} height=${34} chosen=${view === "send" ? undefined : id}
              onChoose=${open} row=${Row} onEnd=${() => more.value.requests && older("requests").catch(complain)} /></div>`
          : html`<${Nothing} />`}
      </section>
      ${detail && html`<section class="detail" aria-label="Request">${detail}</section>`}
    </div>`;
}
