// The environment: what runs, the last build, sample data, snapshots.
import { html, useState } from "./lib.js";
import { api } from "./api.js";
import { readOnly, refresh, seeding, state } from "./store.js";
import { Button, Code, Command, Dot, Empty, Field, Tag, askTo, complain, say } from "./ui.js";
import { bytes, moment, ms, number, plural, units } from "./format.js";

const buildKinds = { ok: "good", failed: "bad", building: "info" };

export function Environment() {
  const s = state.value;
  if (!s) return html`<div class="page"><${Empty} title="Nothing is known yet"><p>The console has not answered.</p><//></div>`;
  return html`
    <div class="page">
      <div class="row page-head"><h1>Environment</h1></div>
      <div class="wide-cards">
        <${Services} services=${s.services || []} />
        <${Build} build=${s.build} />
        ${!readOnly.value && html`<${Data} s=${s} />`}
        <${Snapshots} s=${s} />
        <${About} s=${s} />
      </div>
    </div>`;
}

const Services = ({ services }) => html`
  <section class="card full" aria-label="Services"><h2>Services</h2>
    <div class="scroll"><table class="data services"><thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Address</th><th scope="col">Since</th><th scope="col" class="num">Restarts</th><th scope="col"><span class="hidden">Detail</span></th></tr></thead><tbody>
      ${services.map((service) => html`<tr key=${service.name}><th scope="row">${service.name}</th>
        <td><span class="state"><${Dot} state=${service.state} />${service.state}</span></td>
        <td>${/^https?:/.test(service.url || "") ? html`<a href=${service.url} target="_blank" rel="noreferrer">${service.url}</a>` : service.url || "–"}</td>
        <td>${moment(service.since)}</td><td class="num">${service.restarts ?? 0}</td><td>${service.detail}</td></tr>`)}
    </tbody></table></div>
  </section>`;

const Build = ({ build }) => html`
  <section class="card" aria-label="Last build"><header class="row"><h2>Last build</h2><span class="grow"></span>${build?.state && html`<${Tag} kind=${buildKinds[build.state] || ""}>${build.state}<//>`}</header>
    ${!build || !build.state ? html`<p class="note">None yet. Save a file below <code>api/</code>, and it begins.</p>` : html`
      <p>${[build.at && moment(build.at), build.took_ms && `took ${ms(build.took_ms)}`].filter(Boolean).join(", ")}</p>
      ${(build.errors || []).length > 0 && html`<ul class="errors">${build.errors.map((error, i) => html`<li key=${i}><code>${error.file}${error.line ? `:${error.line}` : ""}${error.column ? `:${error.column}` : ""}</code><span>${error.text}</span></li>`)}</ul>
        <p class="note">The build before goes on answering.</p>`}
      ${build.output && html`<details open=${build.state === "failed" && !(build.errors || []).length}><summary>What the compiler said</summary><${Code} text=${build.output} plain label="Output" /></details>`}`}
  </section>`;

function Data({ s }) {
  const profiles = s.profiles || [];
  const [name, setName] = useState(profiles[0]?.name || "");
  const profile = profiles.find((p) => p.name === name) || profiles[0];
  const [size, setSize] = useState("");
  const [busy, setBusy] = useState("");
  const progress = seeding.value;
  const run = async (what, path, body, done) => {
    setBusy(what);
    try {
      say(done(await api.post(path, body)));
    } catch (error) {
      complain(error);
    }
    setBusy("");
  };
  const seed = (event) => {
    event.preventDefault();
    run("seed", "api/seed", { profile: profile?.name, ...(Number(size) || profile?.sizes?.[0] ? { size: Number(size) || profile.sizes[0] } : {}) }, (answer) => (answer?.loaded !== undefined ? `${plural(answer.loaded, "review")} loaded.` : "Loaded."));
  };
  const reset = async () => {
    const sure = await askTo({ title: "Delete all data?", kind: "danger", confirm: "Delete and begin anew", body: html`<p>Table <code>${s.table}</code> is emptied, and the sample reviews are loaded. Requests wait meanwhile.</p>` });
    if (sure) run("reset", "api/reset", {}, (answer) => `As on the first day${answer?.took_ms ? `, after ${ms(answer.took_ms)}` : ""}.`);
  };
  return html`
    <section class="card" aria-label="Data"><h2>Data</h2>
      <form onSubmit=${seed}>
        <div class="row">
          <${Field} label="Profile">${(id) => html`<select id=${id} value=${profile?.name} onChange=${(e) => { setName(e.target.value); setSize(""); }}>${profiles.map((p) => html`<option value=${p.name}>${p.name}</option>`)}</select>`}<//>
          ${profile?.sizes?.length > 1 && html`<${Field} label="Reviews">${(id) => html`<select id=${id} value=${size || profile.sizes[0]} onChange=${(e) => setSize(e.target.value)}>${profile.sizes.map((n) => html`<option value=${n}>${number(n)}</option>`)}</select>`}<//>`}
          <button type="submit" class="button align-end" disabled=${Boolean(busy)}>${busy === "seed" ? "Loading …" : "Load"}</button>
        </div>
        <p class="note">${profile?.description || "Sample reviews, the same each time."}</p>
        ${progress && html`<label class="progress"><span>${number(progress.done)} of ${number(progress.total)}</span><progress value=${progress.done} max=${progress.total}></progress></label>`}
      </form>
      <div class="row"><${Button} kind="danger" busy=${busy === "reset"} onClick=${reset}>${busy === "reset" ? "Resetting …" : "Reset"}<//><span class="note">Back to the first day: the data is deleted, samples are loaded.</span></div>
    </section>`;
}

export async function openSnapshot(file) {
  if (!file) return;
  try {
    const answer = await api.post("api/snapshots", new Blob([file]), { type: "application/gzip" });
    location.assign(`/snapshots/${encodeURIComponent(answer.id)}/#/requests`);
  } catch (error) {
    complain(error);
  }
}

function Snapshots({ s }) {
  const choose = (event) => { openSnapshot(event.target.files[0]); event.target.value = ""; };
  return html`
    <section class="card" aria-label="Snapshot"><h2>Snapshot</h2>
      <p>One file with requests, traces, logs, data and versions, for a bug report. Credentials are not in it; your data is.</p>
      <div class="row"><a class="button" href="api/snapshot" download>Save a snapshot</a>
        ${s.snapshot ? location.pathname.startsWith("/snapshots/") && html`<a class="button" href="/#/environment">To the environment that runs</a>` : html`<label class="button" for="snapshot-file">Open a snapshot</label><input id="snapshot-file" class="hidden" type="file" accept=".gz,.json,application/gzip" onChange=${choose} />`}</div>
      <${Command} text="go run ./devenv console --open FILE" />
    </section>`;
}

async function forget() {
  const sure = await askTo({ title: "Forget what was recorded?", confirm: "Forget it", kind: "danger", body: html`<p>All requests, logs and traces go. The data in the table stays.</p>` });
  if (!sure) return;
  try {
    await api.delete("api/requests");
    await refresh();
  } catch (error) {
    complain(error);
  }
}

const About = ({ s }) => html`
  <section class="card" aria-label="About"><h2>About</h2>
    <dl class="facts">
      <div><dt>Project</dt><dd>${s.project}</dd></div>
      <div><dt>DynamoDB</dt><dd>${s.dynamodb?.kind} <code>${s.dynamodb?.endpoint}</code></dd></div>
      <div><dt>Table</dt><dd><code>${s.table}</code></dd></div>
      ${Object.entries(s.versions || {}).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd><code>${value}</code></dd></div>`)}
      <div><dt>A million units</dt><dd>read $${s.prices?.read_unit_usd_per_million}, write $${s.prices?.write_unit_usd_per_million}</dd></div>
      <div><dt>Recorded</dt><dd>${bytes(s.memory_bytes || 0)}${s.limits?.memory_bytes ? ` of ${bytes(s.limits.memory_bytes)}` : ""}${s.counted_only ? `; ${number(s.counted_only)} requests were only counted` : ""}</dd></div>
      ${s.limits?.recorded_per_second ? html`<div><dt>In full</dt><dd>up to ${units(s.limits.recorded_per_second)} requests a second; beyond that they are only counted</dd></div>` : ""}
    </dl>
    ${!readOnly.value && html`<div class="row"><${Button} small icon="trash" onClick=${forget}>Forget requests, logs and traces<//></div>`}
  </section>`;
