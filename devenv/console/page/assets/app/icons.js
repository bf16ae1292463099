// Icons, as lines on 24 by 24.
import { html } from "./lib.js";

const paths = {
  requests: "M4 7h11M11 3l4 4-4 4M20 17H9M13 13l-4 4 4 4",
  logs: "M4 6h16M4 10h10M4 14h16M4 18h7",
  traces: "M3 5h12M7 10h10M11 15h6M13 20h8",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
  charts: "M4 4v16h16M7 15l4-5 3 3 5-7",
  faults: "M13 3L5 14h6l-1 7 8-11h-6z",
  environment: "M4 5h16v5H4zM4 14h16v5H4zM7.5 7.5h.01M7.5 16.5h.01",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  pause: "M9 5v14M15 5v14",
  play: "M7 5l12 7-12 7z",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M19 5l-1.4 1.4M6.4 17.6L5 19",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  replay: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  warn: "M12 4L2.5 20h19zM12 10v4.5M12 17.2h.01",
  chevron: "M9 6l6 6-6 6",
  send: "M4 12l16-8-6 16-3-7z",
  none: "M5 12h14",
};

export const Icon = ({ name, size = 18 }) => html`
  <svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} fill="none" stroke="currentColor"
    stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${paths[name]} /></svg>`;
