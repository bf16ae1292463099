// The console's JSON API. What it refuses is thrown as a Problem, whose message is one
// sentence for a person.

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `The console answered ${status}.`);
    this.status = status;
    this.body = body;
  }
}

async function call(method, path, body, options = {}) {
  const headers = {};
  if (method !== "GET") headers["X-Falafel-Console"] = "1";
  if (body !== undefined) headers["Content-Type"] = options.type || "application/json";
  else if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    body = {};
  }
  let response;
  try {
    response = await fetch(path, {
      method, headers, signal: options.signal,
      body: body === undefined ? undefined : body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "The console does not answer. Is `go run ./devenv` still running?" });
  }
  const json = /json/.test(response.headers.get("Content-Type") || "");
  if (!response.ok) throw new Problem(response.status, json ? await response.json().catch(() => null) : null);
  if (response.status === 204) return null;
  return json ? response.json() : response.text();
}

// query leaves out what is empty.
export function query(path, parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters || {})) {
    if (value !== undefined && value !== null && value !== "") search.set(name, value);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export const api = {
  get: (path, parameters, options) => call("GET", query(path, parameters), undefined, options),
  post: (path, body, options) => call("POST", path, body, options),
  put: (path, body) => call("PUT", path, body),
  delete: (path, parameters, body) => call("DELETE", query(path, parameters), body),
};
