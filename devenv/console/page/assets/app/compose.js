// Edit and send: a request to the API, new or made from one that was recorded.
import { html, useEffect, useState } from "./lib.js";
import { api } from "./api.js";
import { go, href, route } from "./router.js";
import { readOnly, state } from "./store.js";
import { Button, Empty, Field, complain, useLoad } from "./ui.js";
import { pretty } from "./format.js";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const blank = {
  method: "POST", path: "/v1/restaurants/My%20Falafel/reviews", headers: "Content-Type: application/json",
  body: '{\n  "rating": 4.5,\n  "visited_at": "2026-11-20T12:30:00+01:00",\n  "cost": 8.5,\n  "comment": "Crisp!"\n}',
};

// What a client or the front port makes anew for each request.
const made = /^(host|content-length|connection|accept-encoding|traceparent|tracestate|baggage|user-agent|x-forwarded-.*|x-request-id|transfer-encoding)$/i;

function edited(request) {
  const headers = (request.request?.headers || []).filter(([name]) => !made.test(name));
  return { method: request.method, path: request.path, headers: headers.map(([name, value]) => `${name}: ${value}`).join("\n"), body: pretty(request.request?.body?.text || "") };
}

export function Compose() {
  const from = Number(route.value.parts[0]) || 0;
  const { value, error } = useLoad((signal) => (from ? api.get(`api/requests/${from}`, undefined, { signal }) : Promise.resolve(null)), [from]);
  const back = () => go(from ? ["requests", String(from)] : ["requests"]);
  const head = html`<div class="detail-head"><h2>${from ? `Edit request ${from}` : "New request"}</h2><span class="grow"></span><${Button} icon="close" title="Close (Esc)" onClick=${back} /></div>`;
  if (readOnly.value) return html`${head}<${Empty} title="This is a snapshot"><p>Requests are sent from the console of an environment that runs.</p><//>`;
  if (error) return html`${head}<${Empty} title="It cannot be shown"><p>${error.message}</p><//>`;
  if (from && !value) return head;
  return html`${head}<${Form} key=${from} start=${value ? edited(value) : blank} lost=${value?.request?.body?.truncated || value?.request?.body?.base64} from=${from} />`;
}

function Form({ start, lost, from }) {
  const [request, setRequest] = useState(start);
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.querySelector("[data-path]")?.focus(); }, []);
  const set = (name) => (event) => setRequest({ ...request, [name]: event.target.value });
  const send = async (event) => {
    event?.preventDefault();
    setBusy(true);
    try {
      const headers = request.headers.split("\n").filter((line) => line.trim()).map((line) => {
        const at = line.indexOf(":");
        if (at < 1) throw new Error(`A header is "Name: value", and not "${line}".`);
        return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      });
      const answer = await api.post("api/send", { method: request.method, path: request.path, headers, body: { text: request.body } });
      go(["requests", String(answer.id), "response"]);
    } catch (problem) {
      complain(problem);
    }
    setBusy(false);
  };
  const json = request.body.trim() && /json/i.test(request.headers) ? wrong(request.body) : "";
  return html`
    <form class="panel form" onSubmit=${send} onKeyDown=${(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) send(e); }}>
      <div class="row">
        <${Field} label="Method">${(id) => html`<select id=${id} value=${request.method} onChange=${set("method")}>${methods.map((m) => html`<option>${m}</option>`)}</select>`}<//>
        <${Field} label="Path, with its query" wide>${(id) => html`<input id=${id} data-path class="mono" value=${request.path} required pattern="/.*" title="It begins with /" onInput=${set("path")} spellcheck=${false} autocomplete="off" />`}<//>
      </div>
      <${Field} label="Headers, one on a line" hint="Values that were hidden when the request was recorded have to be typed again.">${(id) => html`<textarea id=${id} class="code" rows="5" value=${request.headers} onInput=${set("headers")} spellcheck=${false}></textarea>`}<//>
      <${Field} label="Body" hint=${json}>${(id) => html`<textarea id=${id} class="code" rows="12" value=${request.body} onInput=${set("body")} spellcheck=${false}></textarea>`}<//>
      ${lost && html`<p class="alert warn">The recorded body was cut off or is not text: it is not what was sent.</p>`}
      <div class="row end">
        <small class="grow">It goes to <code>${state.value?.front || "the API"}</code> and nowhere else.</small>
        ${from ? html`<a class="button" href=${href(["requests", String(from)])}>Cancel</a>` : ""}
        <button type="submit" class="button primary" disabled=${busy} title="Ctrl and Enter">${busy ? "Sending …" : "Send"}</button>
      </div>
    </form>`;
}

function wrong(text) {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return `Not JSON: ${error.message}. It can be sent all the same.`;
  }
}
