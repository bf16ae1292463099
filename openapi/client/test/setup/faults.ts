// A network with faults in front of the real API. A test asks for a proxy with a list
// of fates, one for each request; what comes after the list passes.

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";

/** What happens to a request. */
export type Fate =
  | "pass"
  /** The connection breaks before the API sees the request. */
  | "cut before"
  /** The API carries it out, and its answer is lost. */
  | "cut after"
  /** The API carries it out, and half of the answer's body arrives. */
  | "cut inside"
  /** Nothing answers. */
  | "hang"
  /** A gateway answers in the API's place. */
  | { status: number; headers?: Record<string, string>; body?: string };

/** A request that a proxy saw. */
export interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  fate: Fate;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Where a proxy is asked for: POST / with the list. */
    faults: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const api = new URL(project.getProvidedContext().api);
  const servers: Server[] = [];
  const logs = new Map<string, Seen[]>();

  const listen = async (handle: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void) => {
    const server = createServer(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      handle(incoming, Buffer.concat(chunks), response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const proxy = async (fates: Fate[]) => {
    const log: Seen[] = [];
    const url = await listen((incoming, body, response) => {
      // Browsers send again by themselves what fails on a connection that was used before.
      response.setHeader("Connection", "close");
      if (incoming.method === "OPTIONS") {
        forward(api, incoming, body, response, "pass");
        return;
      }
      const fate = fates.shift() ?? "pass";
      log.push({
        method: incoming.method ?? "",
        url: incoming.url ?? "",
        headers: incoming.headers as Record<string, string>,
        fate,
      });
      if (fate === "cut before") response.destroy();
      else if (typeof fate === "object") {
        response.writeHead(fate.status, { ...crossOrigin, "Content-Type": "text/html", ...fate.headers });
        response.end(fate.body ?? "");
      } else if (fate !== "hang") forward(api, incoming, body, response, fate);
    });
    logs.set(url, log);
    return url;
  };

  const control = await listen(async (incoming, body, response) => {
    response.writeHead(200, { ...crossOrigin, "Content-Type": "application/json" });
    const asked = new URL(incoming.url ?? "/", "http://control");
    const of = asked.searchParams.get("of");
    response.end(JSON.stringify(of ? logs.get(of) : { url: await proxy(JSON.parse(body.toString())) }));
  });
  project.provide("faults", control);
  return () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
}

const crossOrigin = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" };

function forward(api: URL, incoming: IncomingMessage, body: Buffer, response: ServerResponse, fate: Fate): void {
  const outgoing = request(
    new URL(incoming.url ?? "/", api),
    { method: incoming.method, headers: { ...incoming.headers, host: api.host } },
    async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks);
      if (fate === "cut after") {
        response.destroy();
        return;
      }
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: "close" });
      if (fate === "cut inside") response.write(content.subarray(0, content.length / 2), () => response.destroy());
      else response.end(content);
    },
  );
  outgoing.on("error", () => response.destroy());
  outgoing.end(body);
}
