// Charts of the last 15 minutes. Numbers count all requests, also those that were not
// recorded in full.
import { html, useEffect, useRef, useState } from "./lib.js";
import uPlot from "../vendor/uplot.js";
import { ticks } from "./store.js";
import { Empty } from "./ui.js";
import { ms, number, time, units } from "./format.js";

const charts = [
  { id: "rate", title: "Requests per second", value: number, series: [
    { name: "requests", label: "Requests", colour: "--c1", fill: true }, { name: "errors", label: "Errors (5xx)", colour: "--c4" }] },
  { id: "latency", title: "Latency", value: ms, series: [
    { name: "p50_ms", label: "p50", colour: "--c1" }, { name: "p95_ms", label: "p95", colour: "--c2" }, { name: "p99_ms", label: "p99", colour: "--c3" }] },
  { id: "units", title: "Consumed units per second", value: units, series: [
    { name: "read_units", label: "Read units", colour: "--c2" }, { name: "write_units", label: "Write units", colour: "--c3" }] },
  { id: "calls", title: "DynamoDB calls per second", value: number, series: [{ name: "calls", label: "Calls", colour: "--c1", fill: true }] },
];

// A canvas cannot read custom properties: a colour is what an element has by it.
function colour(element, name) {
  element.style.color = `var(${name})`;
  const value = getComputedStyle(element).color;
  element.style.color = "";
  return value;
}

const translucent = (rgb) => rgb.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)");

// Ticks are there for seconds in which something happened: a second without one is a 0
// of what is counted, and a gap in what is measured.
function columns(all, series, window) {
  const now = Math.floor(Date.now() / 1000);
  const bySecond = new Map(all.map((tick) => [Math.floor(new Date(tick.at).getTime() / 1000), tick]));
  const last = Math.max(now - 1, ...bySecond.keys());
  const times = [];
  for (let second = last - window; second <= last; second++) times.push(second);
  return [times, ...series.map((s) => times.map((second) => {
    const tick = bySecond.get(second);
    if (tick) return s.name.endsWith("_ms") && !tick.requests ? null : tick[s.name] ?? 0;
    return s.name.endsWith("_ms") ? null : 0;
  }))];
}

function Chart({ chart, window: span, theme }) {
  const box = useRef(null);
  const plot = useRef(null);
  const all = ticks.value;
  useEffect(() => {
    const element = box.current;
    const axis = { stroke: colour(element, "--muted"), grid: { stroke: colour(element, "--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    plot.current = new uPlot({
      width: element.clientWidth || 400, height: 190, legend: { show: false }, padding: [10, 26, 0, 0],
      cursor: { y: false, sync: { key: "console" }, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(high || 0, 1) * 1.1] } },
      axes: [{ ...axis, size: 24, space: 70, values: (_, splits) => splits.map((at) => new Date(at * 1000).toTimeString().slice(0, 8)) }, { ...axis, size: 52, values: (_, splits) => splits.map((v) => (chart.id === "latency" ? (v ? ms(v).replace(/\.0+ /, " ") : "0") : number(v))) }],
      series: [{}, ...chart.series.map((s) => {
        const stroke = colour(element, s.colour);
        return { label: s.label, stroke, width: 1.6, fill: s.fill ? translucent(stroke) : undefined, points: { show: s.name.endsWith("_ms"), size: 4 }, spanGaps: false };
      })],
    }, columns(all, chart.series, span), element);
    const observer = new ResizeObserver(() => plot.current.setSize({ width: element.clientWidth, height: 190 }));
    observer.observe(element);
    return () => { observer.disconnect(); plot.current.destroy(); plot.current = null; };
  }, [theme, span]);
  useEffect(() => { plot.current?.setData(columns(all, chart.series, span)); }, [all]);
  const last = all.at(-1) || {};
  return html`
    <figure class="chart">
      <figcaption><h2>${chart.title}</h2><dl class="legend">${chart.series.map((s) => html`<div key=${s.name}><dt><i class=${`swatch ${s.colour.slice(2)}`}></i>${s.label}</dt><dd>${chart.value(last[s.name])}</dd></div>`)}</dl></figcaption>
      <div ref=${box} class="plot" role="img" aria-label=${`${chart.title}: last ${chart.series.map((s) => `${s.label} ${chart.value(last[s.name])}`).join(", ")}. The table below has the figures.`}></div>
    </figure>`;
}

const windows = [[60, "1 min"], [300, "5 min"], [900, "15 min"]];

export function Charts({ theme }) {
  const [span, setSpan] = useState(300);
  const all = ticks.value;
  if (!all.length) return html`<div class="page"><${Empty} title="Nothing to draw yet"><p>Rates, latencies and consumed units are drawn from the first request on.</p><//></div>`;
  const sum = (name) => all.reduce((total, tick) => total + (tick[name] || 0), 0);
  return html`
    <div class="page">
      <div class="row page-head"><h1>Charts</h1><span class="grow"></span>
        <div class="chips" role="group" aria-label="Time">${windows.map(([seconds, label]) => html`<button type="button" class="chip" aria-pressed=${span === seconds ? "true" : "false"} onClick=${() => setSpan(seconds)}>${label}</button>`)}</div></div>
      <dl class="figures"><div><dt>Requests in 15 min</dt><dd>${number(sum("requests"))}</dd></div><div><dt>Errors</dt><dd>${number(sum("errors"))}</dd></div>
        <div><dt>Read units</dt><dd>${units(sum("read_units"))}</dd></div><div><dt>Write units</dt><dd>${units(sum("write_units"))}</dd></div></dl>
      <div class="charts">${charts.map((chart) => html`<${Chart} key=${chart.id} chart=${chart} window=${span} theme=${theme} />`)}</div>
      <details class="figures-table"><summary>The last seconds as a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Figures"><table class="data"><thead><tr>${["Time", "Requests", "Errors", "p50", "p95", "p99", "Read units", "Write units", "Calls"].map((h) => html`<th scope="col">${h}</th>`)}</tr></thead>
        <tbody>${all.slice(-30).reverse().map((t) => html`<tr key=${t.at}><td>${time(t.at)}</td><td>${t.requests}</td><td>${t.errors}</td><td>${ms(t.p50_ms)}</td><td>${ms(t.p95_ms)}</td><td>${ms(t.p99_ms)}</td><td>${units(t.read_units)}</td><td>${units(t.write_units)}</td><td>${number(t.calls)}</td></tr>`)}</tbody></table></div></details>
    </div>`;
}
