// The parts that all views are made of.
import { html, signal, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { pretty, statusKind } from "./format.js";

export const Button = ({ icon, children, kind = "", title, onClick, disabled, busy, small, ...rest }) => html`
  <button type="button" class=${`button ${kind} ${small ? "small" : ""} ${children ? "" : "bare"}`} title=${title}
    aria-label=${children ? undefined : title} disabled=${disabled || busy} aria-busy=${busy ? "true" : undefined} onClick=${onClick} ...${rest}>
    ${icon && html`<${Icon} name=${icon} size=${16} />`}${children && html`<span>${children}</span>`}
  </button>`;

export const Tag = ({ kind = "", children, title }) => html`<span class=${`tag ${kind}`} title=${title}>${children}</span>`;

export const Status = ({ status }) => html`<span class=${`status ${statusKind(status)}`}
  title=${status ? undefined : "The client went away before there was an answer."}>${status || "gone"}</span>`;

export const Method = ({ method }) => html`<span class=${`method ${method === "GET" || method === "HEAD" ? "reads" : method === "DELETE" ? "deletes" : "writes"}`}>${method}</span>`;

const states = { healthy: "good", ok: "good", live: "good", starting: "info", building: "info", connecting: "info", reconnecting: "warn", failed: "bad", stopped: "bad" };

export const Dot = ({ state }) => html`<span class=${`dot ${states[state] || ""}`} aria-hidden="true"></span>`;

export const Empty = ({ title, children }) => html`
  <div class="empty"><h2>${title}</h2>${children}</div>`;

// Command is something to type, with a button to copy it.
export const Command = ({ text }) => html`
  <div class="command"><pre tabindex="0" aria-label="Command">${text}</pre><${CopyButton} text=${text} /></div>`;

export function CopyButton({ text, label = "Copy" }) {
  return html`<${Button} icon="copy" small title=${label} onClick=${() => copy(typeof text === "function" ? text() : text)} />`;
}

export async function copy(text) {
  const content = await text;
  try {
    await navigator.clipboard.writeText(content);
    say("Copied.");
  } catch {
    // Some browsers want a click of their own for it: let the reader take the text.
    askTo({ title: "Copy this", body: html`<textarea class="code" rows="12" readonly aria-label="Text to copy" onFocus=${(e) => e.target.select()}>${content}</textarea>`, confirm: "Close", cancel: null });
  }
}

// tabID is what the panel of a tab is labelled by: an id has no spaces.
export const tabID = (id) => `tab-${encodeURIComponent(id)}`;

// Tabs follow the pattern of ARIA: arrows move, and what has the focus is shown.
export function Tabs({ label, tabs, chosen, onChoose, vertical, panel }) {
  const list = useRef(null);
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -tabs.length, End: tabs.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = tabs.findIndex((tab) => tab.id === chosen);
    const next = Math.abs(step) === 1 ? (at + step + tabs.length) % tabs.length : step < 0 ? 0 : tabs.length - 1;
    onChoose(tabs[next].id);
    list.current.children[next].focus();
  };
  useLayoutEffect(() => { list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); }, [chosen]);
  return html`
    <div ref=${list} class=${`tabs ${vertical ? "vertical" : ""}`} role="tablist" aria-label=${label} aria-orientation=${vertical ? "vertical" : "horizontal"} onKeyDown=${move}>
      ${tabs.map((tab) => html`
        <button key=${tab.id} type="button" role="tab" id=${tabID(tab.id)} aria-selected=${tab.id === chosen ? "true" : "false"} aria-controls=${panel}
          tabindex=${tab.id === chosen ? 0 : -1} onClick=${() => onChoose(tab.id)}>
          <span>${tab.label}</span>${tab.count !== undefined && html`<span class="count">${tab.count}</span>`}
          ${tab.hint && html`<small>${tab.hint}</small>`}
        </button>`)}
    </div>`;
}

export function Field({ label, hint, children, wide }) {
  const id = useId();
  return html`<div class=${`field ${wide ? "wide" : ""}`}><label for=${id}>${label}</label>${children(id)}${hint && html`<small>${hint}</small>`}</div>`;
}

// Code shows a text in colours, as JSON where it is that.
const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

// Beyond this, a browser is slow to lay it out, and nobody reads it.
const maxShown = 200000;

function coloured(text, plain) {
  const shown = plain ? text : pretty(text);
  const visible = shown.slice(0, maxShown);
  const parts = [];
  let at = 0;
  if (!plain && visible.length < 50000) {
    for (const match of visible.matchAll(tokens)) {
      if (match.index > at) parts.push(visible.slice(at, match.index));
      const kind = match[2] !== undefined ? "key" : match[1] ? "string" : match[3] ? "word" : "number";
      parts.push(html`<span class=${`t-${kind}`}>${match[1] || match[3] || match[4]}</span>`);
      if (match[2]) parts.push(match[2]);
      at = match.index + match[0].length;
    }
  }
  parts.push(visible.slice(at));
  return { parts, cut: shown.length > maxShown };
}

export function Code({ text, label = "Text", plain, columns }) {
  const { parts, cut } = useMemo(() => coloured(text, plain), [text, plain]);
  return html`<div class="codebox"><pre class=${`code ${columns ? "columns-kept" : ""}`} tabindex="0" role="region" aria-label=${label}>${parts}</pre><${CopyButton} text=${text} label=${`Copy ${label.toLowerCase()}`} /></div>
    ${cut && html`<p class="note">Only the first ${maxShown.toLocaleString("en-US")} characters are shown.</p>`}`;
}

// Messages that come and go. A screen reader says them, too.
export const messages = signal([]);
let nextMessage = 1;

export function say(text, kind = "") {
  const message = { id: nextMessage++, text, kind };
  messages.value = [...messages.value, message].slice(-3);
  setTimeout(() => { messages.value = messages.value.filter((m) => m !== message); }, kind === "bad" ? 8000 : 4000);
}

export const complain = (error) => { if (error.name !== "AbortError") say(error.message, "bad"); };

export const Messages = () => html`
  <div class="messages" role="status" aria-live="polite">
    ${messages.value.map((m) => html`<div key=${m.id} class=${`message ${m.kind}`}>${m.text}</div>`)}
  </div>`;

// One dialog at a time; the browser's own keeps the focus inside, and gives it back.
const asked = signal(null);

export const askTo = (question) => new Promise((answer) => { asked.value = { confirm: "OK", cancel: "Cancel", ...question, answer }; });

export function Dialogs() {
  const question = asked.value;
  const dialog = useRef(null);
  const title = useId();
  useEffect(() => { if (question && !dialog.current.open) dialog.current.showModal(); }, [question]);
  if (!question) return null;
  const end = (yes) => {
    dialog.current?.close();
    asked.value = null;
    question.answer(yes);
  };
  return html`
    <dialog ref=${dialog} aria-labelledby=${title} onCancel=${(e) => { e.preventDefault(); end(false); }} onClick=${(e) => { if (e.target === dialog.current) end(false); }}>
      <div class="dialog">
        <h2 id=${title}>${question.title}</h2>
        <div class="dialog-body">${question.body}</div>
        <div class="row end">
          ${question.cancel && html`<${Button} autofocus=${question.kind === "danger"} onClick=${() => end(false)}>${question.cancel}<//>`}
          <${Button} kind=${question.kind || "primary"} autofocus=${question.kind !== "danger"} onClick=${() => end(true)}>${question.confirm}<//>
        </div>
      </div>
    </dialog>`;
}

// useLoad fetches something whenever one of the inputs changes, and forgets answers that
// come too late.
export function useLoad(fetch, inputs) {
  const [result, setResult] = useState({ loading: true });
  useEffect(() => {
    const controller = new AbortController();
    setResult((before) => ({ ...before, loading: true }));
    fetch(controller.signal).then(
      (value) => { if (!controller.signal.aborted) setResult({ value, loading: false }); },
      (error) => { if (!controller.signal.aborted) setResult({ error, loading: false }); },
    );
    return () => controller.abort();
  }, inputs);
  return result;
}
