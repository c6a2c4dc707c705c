/** A server controlled by the test: it sends the test's answers, and breaks connections on demand. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** One request as it came. */
export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  body: any;
}

export interface Server {
  url: string;
  requests: Received[];
}

type Handler = (response: ServerResponse, request: Received, count: number) => void | Promise<void>;

/** Starts a server that ends with the test. */
export async function serve(handler: Handler): Promise<Server> {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const { method = "", url = "", headers } = request;
    const received = { method, url, headers, body: text ? JSON.parse(text) : null };
    requests.push(received);
    await handler(response, received, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Begins a stream of events. */
export function stream(response: ServerResponse, ...data: (object | string)[]): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of data) response.write(encoded(event));
}

export function encoded(event: object | string, id?: string): string {
  const data = typeof event === "string" ? event : JSON.stringify(event);
  return `data: ${data}\n${id ? `id: ${id}\n` : ""}\n`;
}

export const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
export const END = [{ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }, "[DONE]"];
