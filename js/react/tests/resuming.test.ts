/** A relay's answer whose connection breaks: anywhere, more than once, for good. */

import { expect, it, vi } from "vitest";
import { StreamingChat } from "../src";
import { delta, END, encoded, serve } from "./server";

const WORDS = ["One ", "zwei é ", "три ", "四 ", "😀"];
const EVENTS = [...WORDS.map(delta), ...END].map((event, index) => encoded(event, `run-1:${index + 1}`));
const BYTES = Buffer.from(EVENTS.join(""));
const HEADERS = { "content-type": "text/event-stream" };

/** What a relay sends to a reader that has seen the event of that id. */
function after(lastEventId: string | undefined): Buffer {
  const place = Number(lastEventId?.split(":")[1] ?? 0);
  return Buffer.from(EVENTS.slice(place).join(""));
}

it("goes on where it was, wherever the connection is cut", async () => {
  let cut = 0;
  const server = await serve((response, { method, headers }) => {
    response.writeHead(200, HEADERS);
    if (method === "GET") response.end(after(headers["last-event-id"] as string));
    else response.write(BYTES.subarray(0, cut), () => response.destroy());
  });
  const first = Buffer.byteLength(EVENTS[0] ?? "");
  for (cut = first; cut < BYTES.length; cut += 7) {
    const chat = new StreamingChat({ url: `${server.url}/chat` });
    await chat.sendMessage("Hi");
    const { response, error, skipped } = chat.getSnapshot();
    expect({ cut, response, error, skipped }).toEqual({
      cut,
      response: WORDS.join(""),
      error: null,
      skipped: 0,
    });
  }
}, 60_000);

it("connects as often as it takes while there is more each time", async () => {
  const server = await serve((response, { headers }) => {
    const rest = after(headers["last-event-id"] as string | undefined);
    const one = rest.subarray(0, rest.indexOf("\n\n") + 2);
    response.writeHead(200, HEADERS).write(one, () => response.destroy());
  });
  const chat = new StreamingChat({ url: `${server.url}/chat`, reconnects: 1 });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot()).toMatchObject({ response: WORDS.join(""), error: null });
  expect(server.requests.map(({ method }) => method)).toEqual(["POST", ...Array(5).fill("GET")]);
  expect(new Set(server.requests.slice(1).map(({ url }) => url))).toEqual(new Set(["/chat/run-1"]));
});

it("waits for a relay that is out of reach for a while", async () => {
  const server = await serve((response, { headers }, count) => {
    if (count === 2) response.writeHead(503).end();
    else if (count === 3) response.destroy();
    else if (count === 4) response.writeHead(200, HEADERS).end(after(headers["last-event-id"] as string));
    else response.writeHead(200, HEADERS).write(EVENTS[0] ?? "", () => response.destroy());
  });
  const chat = new StreamingChat({ url: `${server.url}/chat` });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot()).toMatchObject({ response: WORDS.join(""), error: null });
  expect(server.requests).toHaveLength(4);
});

it.each([
  ["the answer is gone", 404, 2],
  ["it does not come back", 503, 3],
])("keeps what it has where %s", async (_, status, requests) => {
  const server = await serve((response, { method }) => {
    if (method === "GET") response.writeHead(status).end();
    else response.writeHead(200, HEADERS).write(EVENTS[0] ?? "", () => response.destroy());
  });
  const chat = new StreamingChat({ url: `${server.url}/chat`, reconnects: 2 });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot()).toMatchObject({ response: WORDS[0], error: { kind: "truncated" } });
  expect(chat.getSnapshot().messages[1]).toMatchObject({ status: "interrupted" });
  expect(server.requests).toHaveLength(requests);
});

it("does not ask a plain endpoint for the rest, but takes an event that was left open", async () => {
  const open = `${encoded(delta("a"))}data: ${JSON.stringify(delta("b"))}`;
  const server = await serve((response) => {
    response.writeHead(200, HEADERS).write(open, () => response.destroy());
  });
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot()).toMatchObject({ response: "ab", error: { kind: "truncated" } });
  expect(server.requests).toHaveLength(1);
});

it("tells the relay to stop the model, with the headers that it wants", async () => {
  const server = await serve((response, { method }) => {
    if (method === "DELETE") response.writeHead(204).end();
    else response.writeHead(200, HEADERS).write(EVENTS[0] ?? "");
  });
  const chat = new StreamingChat({
    url: `${server.url}/chat`,
    headers: async () => ({ authorization: "Bearer t" }),
  });
  const sent = chat.sendMessage("Hi");
  await vi.waitFor(() => expect(chat.getSnapshot().response).toBe(WORDS[0]));
  chat.stop();
  await sent;
  await vi.waitFor(() => expect(server.requests).toHaveLength(2));
  expect(server.requests[1]).toMatchObject({
    method: "DELETE",
    url: "/chat/run-1",
    headers: { authorization: "Bearer t" },
  });
});

it("sends a relay the message and the conversation before it", async () => {
  const server = await serve((response) => {
    response.writeHead(200, HEADERS).end(BYTES);
  });
  const chat = new StreamingChat({ url: `${server.url}/chat` });
  await chat.sendMessage("1?");
  await chat.sendMessage("2?");
  const before = [
    { role: "user", content: "1?" },
    { role: "assistant", content: WORDS.join("") },
  ];
  expect(server.requests.map(({ body }) => body)).toEqual([
    { message: "1?", conversation: [] },
    { message: "2?", conversation: before },
  ]);
});
