// What the console knows, as signals that the views read. It is fetched once and kept up
// to date by one stream of events: nothing is asked for again and again.
import { batch, computed, signal } from "./lib.js";
import { api } from "./api.js";

// As many as a list keeps. What is older is still in the console, and asked for by its
// filter.
const maxRequests = 10000;
const maxLogs = 10000;
const maxTraces = 200;
const maxTicks = 15 * 60;

export const state = signal(null); // of the environment
export const failure = signal(""); // why there is none
export const requests = signal([]); // newest first, as the others
export const logs = signal([]);
export const traces = signal([]);
export const ticks = signal([]); // oldest first
export const faults = signal([]);
export const connection = signal("connecting"); // live, reconnecting
export const paused = signal(false);
export const waiting = signal(0); // requests that came while paused

export const seeding = signal(null); // how far loading a profile is
export const arrived = signal([]); // traces of which spans came last

// readOnly is true of a snapshot that was opened: it has no API and no table to change.
export const readOnly = computed(() => Boolean(state.value?.snapshot));

// A list is whole from its newest to its oldest, by id: it has no holes, which nobody would
// see. What is older than its oldest is fetched by older, in order.

// merge takes in what came. An id that is there already is replaced: more is known of it.
export function merge(list, incoming, whole, max) {
  const fresh = new Map(incoming.map((item) => [item.id, item]));
  let next = list;
  for (let i = 0; i < list.length && fresh.size; i++) {
    const item = fresh.get(list[i].id);
    if (!item) continue;
    if (next === list) next = list.slice();
    next[i] = item;
    fresh.delete(item.id);
  }
  const oldest = whole || !list.length ? -1 : list.at(-1).id;
  const added = [...fresh.values()].filter((item) => item.id > oldest).sort((a, b) => b.id - a.id);
  if (!added.length) return next;
  next = added.concat(next);
  // A slow request ends after others that began later.
  if (list.length && added.at(-1).id < list[0].id) next.sort((a, b) => b.id - a.id);
  return next.slice(0, max);
}

export const more = signal({ requests: true, logs: true }); // there may be older ones

// first fetches the newest. What came by events meanwhile is newer still, and kept.
async function first(name, target, max) {
  const { items = [] } = await api.get(`api/${name}`, { limit: page });
  batch(() => {
    const newer = items.length ? target.value.filter((item) => item.id > items[0].id) : [];
    target.value = newer.concat(items).slice(0, max);
    more.value = { ...more.value, [name]: items.length >= page };
  });
}

const page = 500;

let refreshing = null;
let again = false;

// refresh fetches everything: at the start, and after events were missed. One at a time,
// so that an old answer does not replace a newer one.
export function refresh() {
  again = Boolean(refreshing);
  refreshing ??= (async () => {
    do {
      again = false;
      await fetchAll();
    } while (again);
  })().finally(() => { refreshing = null; });
  return refreshing;
}

async function fetchAll() {
  try {
    await Promise.all([
      loadState(),
      first("requests", requests, maxRequests),
      first("logs", logs, maxLogs),
      loadTraces(),
      api.get("api/series").then((series) => { ticks.value = series.ticks || []; }),
    ]);
    failure.value = "";
  } catch (error) {
    failure.value = error.message;
  }
}

export async function loadTraces() {
  const { items } = await api.get("api/traces", { limit: maxTraces });
  traces.value = items || [];
}

export async function loadState() {
  const next = await api.get("api/state");
  batch(() => {
    state.value = next;
    faults.value = next.faults || [];
  });
}

const fetching = new Set(); // what comes before these

// older fetches what came before the oldest that is known.
export async function older(name) {
  const [target, path, max] = name === "requests" ? [requests, "api/requests", maxRequests] : [logs, "api/logs", maxLogs];
  const last = target.value.at(-1);
  if (!last || !more.value[name] || target.value.length >= max || fetching.has(last)) return;
  fetching.add(last);
  const { items = [] } = await api.get(path, { limit: page, before: last.id }).finally(() => fetching.delete(last));
  if (target.value.at(-1) !== last) return; // all was fetched anew meanwhile
  batch(() => {
    target.value = target.value.concat(items).slice(0, max);
    more.value = { ...more.value, [name]: items.length >= page };
  });
}

// matches is a list with what the console found for a text, also in what only it knows:
// bodies, and what is older than the list.
export function matches(list, found, fits) {
  const ids = new Set(found.map((item) => item.id));
  const oldest = list.length ? list.at(-1).id : Infinity;
  return list.filter((item) => fits(item, ids.has(item.id))).concat(found.filter((item) => item.id < oldest && fits(item, true)));
}

// Events are taken in together, ten times a second at most: a burst of requests must not
// draw the page for each of them.
const every = 100;
let collected = { request: [], log: [], tick: [] };
let held = null; // what comes while paused
let timer = 0;

function collect(kind, value) {
  collected[kind].push(value);
  timer ||= setTimeout(take, every);
}

function take() {
  timer = 0;
  const fresh = collected;
  collected = { request: [], log: [], tick: [] };
  batch(() => {
    if (fresh.tick.length) ticks.value = ticks.value.concat(fresh.tick).slice(-maxTicks);
    if (paused.value) hold(fresh);
    else show(fresh);
  });
}

function show({ request, log }) {
  if (request.length) requests.value = merge(requests.value, request, !more.value.requests, maxRequests);
  if (log.length) logs.value = merge(logs.value, log, !more.value.logs, maxLogs);
}

function hold(fresh) {
  held ??= { request: [], log: [] };
  for (const kind of ["request", "log"]) {
    held[kind] = held[kind].concat(fresh[kind]).slice(-maxRequests);
  }
  waiting.value = held.request.length + held.log.length;
}

export function setPaused(value) {
  batch(() => {
    paused.value = value;
    if (value || !held) return;
    show(held);
    held = null;
    waiting.value = 0;
  });
}

let source = null;
let retry = 0;
let tracesTimer = 0; // spans come in many parts

// listen keeps the stream of events open. A browser connects anew by itself after a
// break, and says which event was the last; only where it was refused it gives up.
export function listen() {
  source = new EventSource("api/events");
  const on = (type, handle) => source.addEventListener(type, (event) => {
    let value = null;
    try {
      value = event.data ? JSON.parse(event.data) : null;
    } catch {
      return; // cut off by a break; the browser asks for it again
    }
    handle(value);
  });
  source.onopen = () => {
    const again = connection.value === "reconnecting";
    connection.value = "live";
    retry = 0;
    if (again) refresh(); // a console that was started anew knows none of the old events
  };
  source.onerror = () => {
    connection.value = "reconnecting";
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, Math.min(10000, 500 * 2 ** retry++));
  };
  for (const kind of ["request", "log", "tick"]) on(kind, (value) => value && collect(kind, value));
  on("state", (value) => {
    if (value?.services) batch(() => { state.value = value; faults.value = value.faults || faults.value; });
    else loadState().catch(() => {}); // the next event brings it
  });
  on("build", (value) => { if (value && state.value) state.value = { ...state.value, build: value }; });
  on("faults", (value) => { faults.value = Array.isArray(value) ? value : value?.faults || value?.items || []; });
  on("trace", (value) => {
    arrived.value = value?.trace_ids || [];
    tracesTimer ||= setTimeout(() => { tracesTimer = 0; loadTraces().catch(() => {}); }, 1000);
  });
  on("seed", (value) => { seeding.value = value && value.done < value.total ? value : null; });
  on("gap", refresh);
  on("cleared", clear);
}

function clear() {
  collected = { request: [], log: [], tick: [] };
  held = null;
  batch(() => {
    requests.value = [];
    logs.value = [];
    more.value = { requests: false, logs: false };
    traces.value = [];
    waiting.value = 0;
  });
}
