// Bars on an axis of time: the calls of a request, or the spans of a trace.
import { html, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { ms } from "./format.js";

// ticks are round figures, three to five of them.
function ticks(total) {
  const rough = total / 4;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough) || power;
  const out = [];
  for (let at = 0; at <= total * 1.0001 && out.length < 12; at += step) out.push(at);
  return out;
}

const short = (value) => (value >= 1000 ? `${+(value / 1000).toFixed(2)} s` : `${+value.toFixed(2)} ms`);

// Each row: {id, label, note, start, took, kind, depth, side, detail, title}. A detail is
// a function; it makes the row open.
export function Waterfall({ rows, total, label }) {
  const [open, setOpen] = useState(null);
  const whole = Math.max(total || 0, ...rows.map((row) => (row.start || 0) + (row.took || 0)), 0.001);
  const percent = (value) => `${Math.min(100, Math.max(0, (value / whole) * 100))}%`;
  const marks = ticks(whole);
  return html`
    <div class="waterfall" role="group" aria-label=${label}>
      <div class="axis" aria-hidden="true"><div class="scale">
        ${marks.map((at) => html`<span style=${{ insetInlineStart: percent(at) }}>${short(at)}</span>`)}
      </div></div>
      <ol>
        ${rows.map((row) => {
          const expanded = open === row.id;
          const words = `${row.label}, starts at ${ms(row.start)}, takes ${ms(row.took)}${row.side ? `, ${row.side}` : ""}${row.title ? `, ${row.title}` : ""}`;
          const line = html`
            <span class="bar-label" style=${{ paddingInlineStart: `${Math.min(row.depth || 0, 8) * 12}px` }}>
              ${row.detail ? html`<span class=${`twist ${expanded ? "open" : ""}`}><${Icon} name="chevron" size=${13} /></span>` : html`<span class="twist"></span>`}
              <span class="bar-name">${row.label}${row.detail && html`<span class="hidden">, starts at ${ms(row.start)}, takes ${ms(row.took)}</span>`}</span>${row.note && html`<small>${row.note}</small>`}
            </span>
            <span class="lane">
              ${marks.map((at) => html`<i style=${{ insetInlineStart: percent(at) }}></i>`)}
              <b class=${`bar ${row.kind || ""}`} style=${{ insetInlineStart: percent(row.start), width: `max(2px, ${percent(row.took)})` }}></b>
            </span>
            <span class="bar-meta"><span class="bar-took">${ms(row.took)}</span>${row.side && html`<span class="bar-side">${row.side}</span>`}</span>`;
          return html`<li key=${row.id} class=${row.kind || ""}>
            ${row.detail
              ? html`<button type="button" class="bar-row" aria-expanded=${expanded ? "true" : "false"} onClick=${() => setOpen(expanded ? null : row.id)}>${line}</button>`
              : html`<div class="bar-row" role="img" aria-label=${words}>${line}</div>`}
            ${expanded && html`<div class="bar-detail">${row.detail()}</div>`}
          </li>`;
        })}
      </ol>
    </div>`;
}

// spanRows are spans as a tree, children below their parents in the order of time.
export function spanRows(spans, detail) {
  const known = new Set(spans.map((span) => span.span_id));
  const children = new Map();
  for (const span of spans) {
    const parent = known.has(span.parent_id) && span.parent_id !== span.span_id ? span.parent_id : "";
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(span);
  }
  // Spans of other services may begin before the request does, by the clock of theirs.
  const zero = Math.min(0, ...spans.map((span) => span.start_ms || 0));
  const rows = [];
  const walk = (parent, depth) => {
    if (depth > 64) return;
    for (const span of (children.get(parent) || []).sort((a, b) => a.start_ms - b.start_ms)) {
      const failed = /error/i.test(span.status || "");
      rows.push({
        id: span.span_id, label: span.name, note: /^(|unspecified|internal)$/i.test(span.kind || "") ? "" : span.kind,
        start: (span.start_ms || 0) - zero, took: span.took_ms, depth, title: failed ? "failed" : "",
        kind: failed ? "bad" : /client/i.test(span.kind) ? "call" : "span", detail: detail && (() => detail(span)),
      });
      walk(span.span_id, depth + 1);
    }
  };
  walk("", 0);
  return rows;
}
