// A list of which only the rows in sight are in the page, so that ten thousand are as
// quick as ten. Rows have one height. What a reader looks at stays where it is while newer
// rows come in above it.
import { html, useLayoutEffect, useRef, useState } from "./lib.js";
import { plural } from "./format.js";

const spare = 8; // rows above and below, for the time until the next frame

export function List({ items, label, height, chosen, onChoose, onOpen, row, onEnd, id, noun = "row" }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const first = useRef(undefined); // the newest row of the last drawing
  const [above, setAbove] = useState(0); // rows that came since the reader looked at the top
  const over = useRef(false);

  const read = () => {
    const element = box.current;
    setView((before) => (before.top === element.scrollTop && before.height === element.clientHeight ? before : { top: element.scrollTop, height: element.clientHeight }));
    if (element.scrollTop < height) setAbove(0);
    if (onEnd && element.scrollTop + element.clientHeight * 2 > element.scrollHeight) onEnd();
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(read);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  // Newer rows push the others down: scroll by as much, unless the reader watches the top.
  useLayoutEffect(() => {
    const element = box.current;
    const was = first.current;
    first.current = items[0]?.id;
    if (was === undefined || was === items[0]?.id) return;
    const added = items.findIndex((item) => item.id === was);
    if (added <= 0) {
      if (added < 0) setAbove(0); // another filter
      return;
    }
    if (element.scrollTop > 0 || over.current) {
      element.scrollTop += added * height;
      setAbove((n) => n + added);
      read();
    }
  }, [items]);

  // A reader at the end may be there before what comes next, and then does not scroll.
  useLayoutEffect(read, [items]);

  // The chosen row comes into sight when it is chosen, not whenever the list grows.
  useLayoutEffect(() => {
    const at = items.findIndex((item) => item.id === chosen);
    const element = box.current;
    if (at < 0) return;
    if (at * height < element.scrollTop) element.scrollTop = at * height;
    else if ((at + 1) * height > element.scrollTop + element.clientHeight) element.scrollTop = (at + 1) * height - element.clientHeight;
  }, [chosen]);

  const from = Math.max(0, Math.floor(view.top / height) - spare);
  const to = Math.min(items.length, Math.ceil((view.top + view.height) / height) + spare);
  const at = items.findIndex((item) => item.id === chosen);
  const inSight = at >= from && at < to;

  const key = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined && items.length) {
      event.preventDefault();
      const next = Math.min(items.length - 1, Math.max(0, at < 0 ? 0 : at + step));
      onChoose(items[next].id);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      (onOpen || onChoose)(items[at].id);
    }
  };
  return html`
    <div class="list">
      ${above > 0 && html`<button type="button" class="above" onClick=${() => { box.current.scrollTop = 0; setAbove(0); }}>${plural(above, `newer ${noun}`)}</button>`}
      <div ref=${box} id=${id} class="rows" role="listbox" aria-label=${label} tabindex="0" onScroll=${read} onKeyDown=${key}
        onPointerEnter=${(e) => { over.current = e.pointerType === "mouse"; }} onPointerLeave=${() => { over.current = false; }}
        aria-activedescendant=${inSight ? `${id}-${chosen}` : undefined}>
        <div class="all" role="presentation" style=${{ height: `${items.length * height}px` }}>
          ${items.slice(from, to).map((item, i) => html`
            <div key=${item.id} id=${`${id}-${item.id}`} role="option" class="list-row" aria-selected=${item.id === chosen ? "true" : "false"}
              aria-setsize=${items.length} aria-posinset=${from + i + 1}
              style=${{ transform: `translateY(${(from + i) * height}px)`, height: `${height}px` }} onClick=${() => (onOpen || onChoose)(item.id)}>${row(item)}</div>`)}
        </div>
      </div>
    </div>`;
}

// step moves the choice of a list by the keys j and k.
export function step(items, chosen, by) {
  if (!items.length) return undefined;
  const at = items.findIndex((item) => item.id === chosen);
  return items[Math.min(items.length - 1, Math.max(0, at < 0 ? 0 : at + by))].id;
}
