// The keys, and the dialog that tells them.
import { html, signal, useEffect, useRef } from "./lib.js";
import { go, route } from "./router.js";
import { paused, readOnly, setPaused } from "./store.js";
import { stepRequest } from "./requests.js";
import { stepLog } from "./logs.js";
import { stepTrace } from "./traces.js";
import { copyAs, replay } from "./request.js";
import { Button } from "./ui.js";

export const help = signal(false);

const places = { r: "requests", l: "logs", t: "traces", b: "table", c: "charts", f: "faults", e: "environment" };

const table = [
  ["/", "Go to the filter"],
  ["j  k", "Next and previous in the list"],
  ["Enter", "Open"],
  ["Esc", "Close, or leave the filter"],
  ["r", "Replay the request that is open"],
  ["e", "Edit and send it"],
  ["c", "Copy it as curl"],
  ["p", "Pause and resume live lists"],
  ["g then r l t b c f e", "Go to requests, logs, traces, the table, charts, faults, the environment"],
  ["?", "This help"],
];

let going = 0; // when g was pressed

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

export function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const { view, parts, query } = route.value;
  if (event.key === "Escape") {
    if (typing(event.target)) event.target.blur();
    else if (query.pk) go([view, ...parts], { ...query, pk: "", sk: "" });
    else if (view === "send") go(parts[0] ? ["requests", parts[0]] : ["requests"]);
    else if (view === "table" && parts[0] === "new") go(["table", "scan"]);
    else if (["requests", "logs", "traces"].includes(view) && parts[0]) {
      go([view], query);
      document.querySelector(`#${view}`)?.focus();
    }
    return;
  }
  if (typing(event.target)) return;
  if (going && Date.now() - going < 1500 && places[event.key]) {
    going = 0;
    event.preventDefault();
    go([places[event.key]]);
    return;
  }
  going = 0;
  const step = { requests: stepRequest, logs: stepLog, traces: stepTrace }[view];
  const open = view === "requests" && Number(parts[0]);
  const actions = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => { help.value = true; },
    g: () => { going = Date.now(); },
    p: () => { if (!readOnly.value) setPaused(!paused.value); },
    j: () => step?.(1),
    k: () => step?.(-1),
    r: () => { if (open && !readOnly.value) replay(open); },
    e: () => { if (open && !readOnly.value) go(["send", String(open)]); },
    c: () => { if (open) copyAs(open, "curl"); },
  };
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

export function Help() {
  const dialog = useRef(null);
  const open = help.value;
  useEffect(() => { if (open && !dialog.current.open) dialog.current.showModal(); }, [open]);
  if (!open) return null;
  const close = () => {
    dialog.current?.close();
    help.value = false;
  };
  return html`
    <dialog ref=${dialog} aria-labelledby="help-title" onCancel=${(e) => { e.preventDefault(); close(); }} onClick=${(e) => { if (e.target === dialog.current) close(); }}>
      <div class="dialog">
        <h2 id="help-title">Keys</h2>
        <dl class="keys">${table.map(([key, text]) => html`<div key=${key}><dt>${key.split(/\s+/).map((part) => (part === "then" ? " then " : html`<kbd>${part}</kbd>`))}</dt><dd>${text}</dd></div>`)}</dl>
        <p class="note">In a form, Ctrl and Enter sends it. All of this is in the terminal as well: <code>go run ./devenv requests</code>, <code>logs</code>, <code>status</code>. The page is made with <a href="vendor/notices.txt">these libraries</a>.</p>
        <div class="row end"><${Button} kind="primary" autofocus onClick=${close}>Close<//></div>
      </div>
    </dialog>`;
}
