/** The hook in a real React tree. */

import { act, StrictMode, useEffect } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type ChatOptions, type StreamingChatHook, useStreamingChat } from "../src";
import { delta, END, encoded } from "./server";

let root: Root;
let hook: StreamingChatHook;
let renders: number;

function Chat(options: ChatOptions) {
  hook = useStreamingChat(options);
  useEffect(() => {
    renders += 1;
  });
  return (
    <p>
      {hook.response}
      {hook.isStreaming && " …"}
    </p>
  );
}

/** A `fetch` whose answers the test writes, piece by piece. */
class Model {
  signals: (AbortSignal | null | undefined)[] = [];
  bodies: string[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  fetch: typeof fetch = async (_, init) => {
    this.signals.push(init?.signal);
    this.bodies.push(String(init?.body));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  say(...events: (object | string)[]): void {
    for (const event of events) this.#controller?.enqueue(new TextEncoder().encode(encoded(event)));
  }
}

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  renders = 0;
  root = createRoot(document.body.appendChild(document.createElement("div")));
});

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const shown = () => document.body.textContent;
const frame = () => act(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
const URL = "http://model/v1/chat/completions";

it("shows an answer as it comes", async () => {
  const model = new Model();
  await act(async () => root.render(<Chat url={URL} fetch={model.fetch} />));
  await act(async () => void hook.sendMessage("Hi"));
  expect(shown()).toBe(" …");
  model.say(delta("Hel"));
  await frame();
  expect(shown()).toBe("Hel …");
  model.say(delta("lo"), ...END);
  await frame();
  expect(shown()).toBe("Hello");
  expect(hook.messages).toHaveLength(2);
});

it("renders once for many chunks", async () => {
  const model = new Model();
  await act(async () => root.render(<Chat url={URL} fetch={model.fetch} />));
  await act(async () => void hook.sendMessage("Hi"));
  const before = renders;
  model.say(...Array.from({ length: 100 }, () => delta("x")));
  await frame();
  expect(shown()).toBe(`${"x".repeat(100)} …`);
  expect(renders - before).toBe(1);
});

it("keeps its functions from render to render, and takes new options for the next answer", async () => {
  const model = new Model();
  await act(async () => root.render(<Chat url={URL} fetch={model.fetch} body={{ model: "a" }} />));
  const { sendMessage, stop, regenerate } = hook;
  await act(async () => root.render(<Chat url={URL} fetch={model.fetch} body={{ model: "b" }} />));
  expect([hook.sendMessage, hook.stop, hook.regenerate]).toEqual([sendMessage, stop, regenerate]);
  await act(async () => void sendMessage("Hi"));
  expect(JSON.parse(model.bodies[0] ?? "").model).toBe("b");
});

it("stops its answer when the component goes", async () => {
  const model = new Model();
  await act(async () => root.render(<Chat url={URL} fetch={model.fetch} />));
  await act(async () => void hook.sendMessage("Hi"));
  expect(model.signals[0]?.aborted).toBe(false);
  await act(async () => root.unmount());
  expect(model.signals[0]?.aborted).toBe(true);
});

it("works in strict mode, which mounts everything twice", async () => {
  const model = new Model();
  await act(async () =>
    root.render(
      <StrictMode>
        <Chat url={URL} fetch={model.fetch} />
      </StrictMode>,
    ),
  );
  await act(async () => void hook.sendMessage("Hi"));
  model.say(delta("Hello"), ...END);
  await frame();
  expect(shown()).toBe("Hello");
  expect(model.bodies).toHaveLength(1);
});

it("shows why there is no answer", async () => {
  const refusing: typeof fetch = async () =>
    Response.json({ error: { message: "bad key" } }, { status: 401 });
  await act(async () => root.render(<Chat url={URL} fetch={refusing} />));
  await act(() => hook.sendMessage("Hi"));
  expect(hook.error?.message).toBe("The server answered 401: bad key");
  expect(hook.isStreaming).toBe(false);
});
