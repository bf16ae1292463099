// An item: viewed, edited and deleted, so that nobody's change is overwritten.
import { html, useEffect, useState } from "./lib.js";
import { api } from "./api.js";
import { go, route } from "./router.js";
import { readOnly } from "./store.js";
import { Button, Code, Empty, Tabs, askTo, complain, say, tabID, useLoad } from "./ui.js";
import { Attributes, Diff, plain } from "./item.js";

const write = (item) => JSON.stringify(item, null, 2);

const template = write({ pk: { S: "" }, sk: { S: "" } });

export function Item({ pk, sk, onClose }) {
  const isNew = pk === undefined;
  const [version, setVersion] = useState(0);
  const { value, error } = useLoad((signal) => (isNew ? Promise.resolve({ item: null }) : api.get("api/table/item", { pk, sk }, { signal })), [pk, sk, version]);
  const [tab, setTab] = useState(isNew ? "edit" : "view");
  const item = value && (value.item !== undefined ? value.item : value);
  const head = html`<div class="detail-head"><${Button} icon="back" title="Back to the items" kind="phone-only" onClick=${onClose} />
    <h2 title=${`${pk} ${sk}`}>${isNew ? "New item" : html`<bdi>${pk}</bdi> <small><bdi>${sk}</bdi></small>`}</h2><span class="grow"></span><${Button} icon="close" kind="wide-only" title="Close (Esc)" onClick=${onClose} /></div>`;
  if (error && !value) return html`${head}<${Empty} title=${error.status === 404 ? "There is no such item" : "It cannot be read"}><p>${error.message}</p><//>`;
  if (!value) return head;
  const tabs = [{ id: "view", label: "Attributes" }, { id: "json", label: "DynamoDB JSON" }, { id: "edit", label: "Edit" }].filter((t) => (isNew ? t.id === "edit" : t.id !== "edit" || !readOnly.value));
  const remove = async () => {
    const sure = await askTo({ title: "Delete this item?", kind: "danger", confirm: "Delete it", body: html`<p><code>${pk}</code> <code>${sk}</code></p><p>The service's summaries are not adjusted: it is as if somebody had done it behind its back.</p>` });
    if (!sure) return;
    try {
      await api.delete("api/table/item", { pk, sk }, { was: item });
      say("The item is deleted.");
      onClose();
    } catch (problem) {
      complain(problem);
    }
  };
  const saved = (next) => {
    if (isNew) go(["table", "scan"], { pk: plain(next.pk), sk: plain(next.sk) });
    else if (plain(next.pk) !== pk || plain(next.sk) !== sk) go(["table", ...route.value.parts], { ...route.value.query, pk: plain(next.pk), sk: plain(next.sk) });
    setTab("view");
    setVersion((n) => n + 1);
  };
  return html`
    ${head}
    <div class="row pad"><${Tabs} label="Item" tabs=${tabs} chosen=${tab} panel="item-panel" onChoose=${setTab} /><span class="grow"></span>
      ${!isNew && !readOnly.value && html`<${Button} icon="trash" small kind="danger" title="Delete the item" onClick=${remove}>Delete<//>`}</div>
    <div id="item-panel" class="panel" role="tabpanel" aria-labelledby=${tabID(tab)}>
      ${tab === "view" && html`<${Attributes} item=${item} />`}
      ${tab === "json" && html`<${Code} text=${JSON.stringify(item)} label="Item" />`}
      ${tab === "edit" && html`<${Edit} key=${write(item)} item=${item} onSaved=${saved} onReload=${() => setVersion((n) => n + 1)} />`}
    </div>`;
}

function Edit({ item, onSaved, onReload }) {
  const [text, setText] = useState(item ? write(item) : template);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.querySelector("#item-json")?.focus(); }, []);
  let parsed = null;
  let wrong = "";
  try {
    parsed = JSON.parse(text);
    wrong = check(parsed);
  } catch (error) {
    wrong = `Not JSON: ${error.message}.`;
  }
  const changed = !item || (parsed && JSON.stringify(parsed) !== JSON.stringify(item));
  const save = async (event) => {
    event?.preventDefault();
    if (wrong || !changed || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await api.put("api/table/item", { item: parsed, ...(item ? { was: item } : {}) });
      say("The item is saved.");
      onSaved(parsed);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return html`
    <form class="form" onSubmit=${save} onKeyDown=${(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) save(e); }}>
      <label for="item-json">DynamoDB JSON</label>
      <textarea id="item-json" class="code" rows="18" value=${text} spellcheck=${false} aria-invalid=${wrong ? "true" : "false"} aria-describedby="item-hint" onInput=${(e) => setText(e.target.value)}></textarea>
      <p id="item-hint" class=${`note ${wrong ? "bad-text" : ""}`} aria-live="polite">${wrong || (changed ? "Saved only when nobody changed the item meanwhile." : "Nothing is changed.")}</p>
      ${problem && html`<div class="alert bad" role="alert"><p>${problem.message}</p>${problem.status === 409 && html`<${Button} small onClick=${onReload}>Load it as it is now<//>`}</div>`}
      ${item && changed && !wrong && html`<${Diff} change=${{ pk: "What changes", sk: "", before: item, after: parsed }} />`}
      <div class="row end"><button type="submit" class="button primary" title="Ctrl and Enter" disabled=${Boolean(wrong) || !changed || busy}>${busy ? "Saving …" : "Save"}</button></div>
    </form>`;
}

const types = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"];

// check says early what DynamoDB would refuse; the rest it says itself.
function check(item) {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return "An item is an object of attributes.";
  for (const [name, attribute] of Object.entries(item)) {
    const kinds = attribute && typeof attribute === "object" && !Array.isArray(attribute) ? Object.keys(attribute) : [];
    if (kinds.length !== 1 || !types.includes(kinds[0])) return `${name} needs one type and its value, such as {"S": "text"} or {"N": "4.5"}.`;
  }
  for (const key of ["pk", "sk"]) if (!item[key]?.S) return `${key} is a key of the table: {"S": "…"}, and not empty.`;
  return "";
}
