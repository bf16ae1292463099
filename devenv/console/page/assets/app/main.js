// The page: header, navigation, the view that the address names, and the keys.
import { html, render, signal, useEffect, useErrorBoundary } from "./lib.js";
import { route } from "./router.js";
import { connection, failure, listen, paused, readOnly, refresh, setPaused, state, waiting } from "./store.js";
import { Button, Dialogs, Dot, Empty, Messages } from "./ui.js";
import { Icon } from "./icons.js";
import { moment, ms, plural } from "./format.js";
import { Requests } from "./requests.js";
import { Logs } from "./logs.js";
import { Traces } from "./traces.js";
import { Table } from "./table.js";
import { Charts } from "./charts.js";
import { Banner, Faults } from "./faults.js";
import { Environment } from "./environment.js";
import { keys, Help, help } from "./keys.js";

const views = [
  { id: "requests", label: "Requests", view: Requests, also: ["send"] },
  { id: "logs", label: "Logs", view: Logs },
  { id: "traces", label: "Traces", view: Traces },
  { id: "table", label: "Table", view: Table },
  { id: "charts", label: "Charts", view: Charts },
  { id: "faults", label: "Faults", view: Faults },
  { id: "environment", label: "Environment", short: "Env", view: Environment },
];

const listed = new Set(["requests", "logs", "traces", "table"]); // which have no heading of their own

const current = () => views.find((v) => v.id === route.value.view || v.also?.includes(route.value.view)) || views[0];

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = signal(document.documentElement.dataset.theme || (dark.matches ? "dark" : "light"));

dark.addEventListener("change", () => { if (!document.documentElement.dataset.theme) theme.value = dark.matches ? "dark" : "light"; });

function switchTheme() {
  const next = theme.value === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
  theme.value = next;
}

const connections = { connecting: "Connecting …", live: "Live", reconnecting: "Connection lost. Trying again …" };

function Header() {
  const s = state.value;
  const build = s?.build;
  const services = s?.services || [];
  const bad = services.filter((service) => service.state !== "healthy");
  const health = !s ? "starting" : bad.some((service) => service.state === "failed") ? "failed" : bad.length ? "starting" : "healthy";
  return html`
    <header class="top">
      <a class="brand" href="#/requests" aria-label=${`${s?.project || "Console"}: requests`}><img src="icon.svg" width="22" height="22" alt="" /><strong>${s?.project || "Console"}</strong></a>
      ${s?.snapshot ? html`<span class="pill warn">Snapshot of ${moment(s.snapshot.at)}, read-only</span>` : html`
        <a class="pill" href="#/environment" title=${services.map((service) => `${service.name}: ${service.state}`).join("\n")}><${Dot} state=${health} /><span>${!s ? "…" : bad.length ? `${bad[0].name} ${bad[0].state}` : plural(services.length, "service") + " healthy"}</span></a>
        ${build?.state && html`<a class=${`pill build-pill ${build.state === "failed" ? "bad" : ""}`} href="#/environment"><${Dot} state=${build.state} /><span>${build.state === "ok" ? `Built in ${ms(build.took_ms)}` : build.state === "failed" ? `Build failed: ${plural((build.errors || []).length, "error")}` : "Building …"}</span></a>`}`}
      <span class="grow"></span>
      ${!readOnly.value && html`
        <span class=${`pill connection ${connection.value}`} role="status"><${Dot} state=${connection.value} /><span>${connections[connection.value]}</span></span>
        <${Button} icon=${paused.value ? "play" : "pause"} small aria-pressed=${paused.value ? "true" : "false"} title=${paused.value ? "Resume live lists (p)" : "Pause live lists (p)"} kind=${paused.value ? "primary" : ""} onClick=${() => setPaused(!paused.value)}>${paused.value && waiting.value ? `${waiting.value} new` : undefined}<//>`}
      <${Button} icon=${theme.value === "dark" ? "sun" : "moon"} small title=${theme.value === "dark" ? "Light theme" : "Dark theme"} onClick=${switchTheme} />
      <${Button} icon="help" small title="Keys (?)" onClick=${() => { help.value = true; }} />
    </header>`;
}

const Navigation = () => html`
  <nav class="views" aria-label="Views">
    ${views.map((view) => html`<a key=${view.id} href=${`#/${view.id}`} aria-current=${current() === view ? "page" : undefined} aria-label=${view.label}><${Icon} name=${view.id} size=${20} /><span class="long">${view.label}</span><span class="short">${view.short || view.label}</span></a>`)}
  </nav>`;

// A view that fails leaves the others, and the way to them.
function Safe({ view }) {
  const [error, retry] = useErrorBoundary();
  if (error) return html`<div class="page"><${Empty} title="This view failed"><p>${String(error.message || error)}</p><${Button} onClick=${retry}>Try again<//><//></div>`;
  return html`<${view} theme=${theme.value} />`;
}

function App() {
  const view = current();
  useEffect(() => { document.title = `${view.label} – ${state.value?.project || "Console"}`; }, [view, state.value?.project]);
  return html`
    <a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.querySelector("#main").focus(); }}>To the content</a>
    <${Header} />
    <${Navigation} />
    <main id="main" tabindex="-1" aria-label=${view.label}>
      ${listed.has(view.id) && html`<h1 class="hidden">${view.label}</h1>`}
      <${Banner} />
      ${failure.value && !state.value ? html`<div class="page"><${Empty} title="The console does not answer"><p>${failure.value}</p><${Button} onClick=${refresh}>Try again<//><//></div>` : html`<${Safe} key=${view.id} view=${view.view} />`}
    </main>
    <${Messages} /><${Dialogs} /><${Help} />`;
}

render(html`<${App} />`, document.querySelector("#app"));
document.addEventListener("keydown", keys);
refresh().then(() => { if (!readOnly.value) listen(); });
if (!location.hash) history.replaceState(null, "", "#/requests");
