/** The chat against real servers: what it sends, what it shows, what it does when things go wrong. */

import { expect, it, vi } from "vitest";
import { ChatError, type ChatSnapshot, StreamingChat } from "../src";
import { delta, END, serve, stream } from "./server";

/** Waits until the snapshot fits. */
function until(chat: StreamingChat, fits: (snapshot: ChatSnapshot) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!fits(chat.getSnapshot())) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = chat.subscribe(check);
    check();
  });
}

const contents = (chat: StreamingChat) => chat.getSnapshot().messages.map(({ content }) => content);

it("streams an answer of a plain endpoint", async () => {
  const server = await serve((response) => {
    stream(response, delta("Hel"), delta("lo"), ...END);
    response.end();
  });
  const url = `${server.url}/v1/chat/completions`;
  const headers = { authorization: "Bearer key" };
  const chat = new StreamingChat({ url, headers, system: "Be terse.", body: { model: "m", temperature: 0 } });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot()).toMatchObject({ response: "Hello", isStreaming: false, error: null });
  expect(chat.getSnapshot().messages).toMatchObject([
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello", status: "complete" },
  ]);
  expect(server.requests[0]?.headers.authorization).toBe("Bearer key");
  expect(server.requests[0]?.body).toEqual({
    model: "m",
    temperature: 0,
    messages: [
      { role: "system", content: "Be terse." },
      { role: "user", content: "Hi" },
    ],
    stream: true,
    stream_options: { include_usage: true },
  });
});

it("sends what was said before, but nothing that broke off", async () => {
  const server = await serve((response, _, count) => {
    stream(response, delta(`answer ${count}`));
    if (count !== 2) stream(response, ...END);
    response.end();
  });
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  for (const question of ["1?", "2?", "3?"]) await chat.sendMessage(question);
  expect(contents(chat)).toEqual(["1?", "answer 1", "2?", "answer 2", "3?", "answer 3"]);
  expect(server.requests[2]?.body.messages.map((message: { content: string }) => message.content)).toEqual([
    "1?",
    "answer 1",
    "3?",
  ]);
});

it("keeps the partial answer when it is stopped, and ends the request", async () => {
  const hungUp = vi.fn();
  const server = await serve((response) => {
    response.on("close", hungUp);
    stream(response, delta("part"));
  });
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  const sent = chat.sendMessage("Hi");
  await until(chat, ({ response }) => response === "part");
  chat.stop();
  expect(chat.getSnapshot()).toMatchObject({ response: "part", isStreaming: false, error: null });
  expect(chat.getSnapshot().messages[1]).toMatchObject({ content: "part", status: "stopped" });
  await sent;
  await vi.waitFor(() => expect(hungUp).toHaveBeenCalled());
});

it("can be stopped before anything has come", async () => {
  const server = await serve(() => {});
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  const sent = chat.sendMessage("Hi");
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  chat.stop();
  await sent;
  expect(chat.getSnapshot()).toMatchObject({ response: "", isStreaming: false, error: null });
});

it("ignores what still comes of an answer that was given up", async () => {
  let late: ReadableStreamDefaultController | undefined;
  const requests: string[] = [];
  const fake: typeof fetch = async (_, init) => {
    requests.push(String(init?.body));
    const body = new ReadableStream({
      start(controller) {
        const bytes = new TextEncoder().encode(`data: ${JSON.stringify(delta(`${requests.length}`))}\n\n`);
        controller.enqueue(bytes);
        if (requests.length === 1) late = controller;
        else controller.enqueue(new TextEncoder().encode("data: [DONE]\n\n"));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const chat = new StreamingChat({ url: "http://model/v1/chat/completions", fetch: fake });
  const first = chat.sendMessage("one");
  await until(chat, ({ response }) => response === "1");
  const second = chat.sendMessage("two");
  try {
    late?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(delta("late"))}\n\n`));
  } catch {
    // The component was unmounted: the other case in which late events are ignored.
  }
  await Promise.all([first, second]);
  expect(contents(chat)).toEqual(["one", "1", "two", "2"]);
});

it("asks the last question again", async () => {
  const server = await serve((response, _, count) => {
    stream(response, delta(`answer ${count}`), ...END);
    response.end();
  });
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  await chat.regenerate();
  expect(server.requests).toEqual([]);
  await chat.sendMessage("1?");
  await chat.sendMessage("2?");
  await chat.regenerate();
  expect(contents(chat)).toEqual(["1?", "answer 1", "2?", "answer 3"]);
  expect(server.requests[2]?.body).toEqual(server.requests[1]?.body);
});

it.each([
  [429, JSON.stringify({ error: { message: "slow down", code: "rate_limit" } }), "slow down"],
  [422, JSON.stringify({ detail: "no such field" }), "no such field"],
  [500, "<h1>Oops</h1>", "Internal Server Error"],
])("says why the server refused with %i", async (status, body, said) => {
  const server = await serve((response) => {
    response.writeHead(status, { "retry-after": "7" }).end(body);
  });
  const onError = vi.fn();
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions`, onError });
  await chat.sendMessage("Hi");
  const { error, isStreaming } = chat.getSnapshot();
  expect(isStreaming).toBe(false);
  expect(error).toBeInstanceOf(ChatError);
  expect(error?.kind).toBe("http");
  expect(error?.message).toBe(`The server answered ${status}: ${said}`);
  expect(error?.details).toMatchObject({ status, retryAfter: 7 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(error);
});

const HALF = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "half" } }] })}\n\n`;

it.each([
  ["network", () => Promise.reject(new TypeError("fetch failed"))],
  ["protocol", async () => new Response("<p>Log in", { headers: { "content-type": "text/html" } })],
  ["provider", async () => new Response("data: busy", { headers: { "content-type": "text/event-stream" } })],
  ["truncated", async () => new Response(HALF, { headers: { "content-type": "text/event-stream" } })],
] as const)("names a failure of the kind %s", async (kind, fake) => {
  const chat = new StreamingChat({ url: "http://model/v1/chat/completions", fetch: fake });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot().error?.kind).toBe(kind);
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot().messages).toHaveLength(4);
});

it("counts chunks that it cannot read, and goes on", async () => {
  const server = await serve((response) => {
    stream(response, delta("a"), '{"choices":[{"delta":', delta("b"), ...END);
    response.end();
  });
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  await chat.sendMessage("Hi");
  expect(chat.getSnapshot()).toMatchObject({ response: "ab", skipped: 1, error: null });
});

it("changes its state once per frame and not once per chunk", async () => {
  const frames: FrameRequestCallback[] = [];
  vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => frames.push(callback));
  vi.stubGlobal("cancelAnimationFrame", (id: number) => frames.splice(id - 1, 1));
  const pieces = Array.from({ length: 200 }, () => delta("x"));
  const server = await serve((response, _, count) => {
    stream(response, ...pieces);
    if (count > 1) response.end();
  });
  const chat = new StreamingChat({ url: `${server.url}/v1/chat/completions` });
  const listener = vi.fn();
  const sent = chat.sendMessage("Hi");
  chat.subscribe(listener);
  await vi.waitFor(() => expect(frames).toHaveLength(1));
  expect(listener).not.toHaveBeenCalled();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(frames).toHaveLength(1);
  frames.pop()?.(0);
  expect(listener).toHaveBeenCalledTimes(1);
  expect(chat.getSnapshot().response).toBe("x".repeat(200));
  chat.stop();
  expect(listener).toHaveBeenCalledTimes(2);
  await sent;
  vi.unstubAllGlobals();
});
