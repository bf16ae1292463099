// Figures as people read them.

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

// Times are RFC 3339 or milliseconds.
export const toDate = (at) => new Date(at);

export function time(at) {
  const date = toDate(at);
  return at && !Number.isNaN(date.getTime()) ? clock.format(date) : "–";
}

export function moment(at) {
  const date = toDate(at);
  return at && !Number.isNaN(date.getTime()) ? dayAndClock.format(date) : "–";
}

export function ms(value) {
  if (value === undefined || value === null) return "–";
  if (value >= 10000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  if (value >= 100) return `${value.toFixed(0)} ms`;
  if (value >= 1) return `${value.toFixed(1)} ms`;
  return value === 0 ? "0 ms" : `${value.toFixed(2)} ms`;
}

export function bytes(value) {
  if (value === undefined || value === null) return "–";
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  if (value < 1e9) return `${(value / 1e6).toFixed(1)} MB`;
  return `${(value / 1e9).toFixed(2)} GB`;
}

export function units(value) {
  if (value === undefined || value === null) return "–";
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 1 : 0);
}

// The price of a million of the same.
export function usd(value) {
  if (value === undefined || value === null) return "–";
  if (value === 0) return "$0";
  return value < 100 ? `$${value.toFixed(2)}` : `$${Math.round(value).toLocaleString("en-US")}`;
}

export const number = (value) => (value === undefined || value === null ? "–" : value.toLocaleString("en-US"));

export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

// statusKind is the class of colour of an HTTP status; 0 is a request without an answer.
export function statusKind(status) {
  if (!status || status >= 500) return "bad";
  if (status >= 400) return "warn";
  if (status >= 300) return "info";
  return "good";
}

// pretty is JSON with indents, or the text as it is. It goes over the text and does not
// parse it: numbers, and keys that occur twice, stay as they were sent.
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === "{" || token === "[") {
      depth++;
      out += token + line();
    } else if (token === "}" || token === "]") {
      depth--;
      // An empty one stays on its line.
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ",") {
      out += token + line();
    } else {
      out += token === ":" ? ": " : token;
    }
  }
  return out;
}
