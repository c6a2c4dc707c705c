/** Every recorded stream that the Python decoder is tested with, through the whole chat. */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type ChatSnapshot, StreamingChat } from "../src";

const FOLDER = path.join(import.meta.dirname, "../../../tests/fixtures/streams");

const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".sse"))
  .map((file) => path.basename(file, ".sse"));

/** A `fetch` whose response arrives in these pieces. */
function answering(pieces: Uint8Array[]): typeof fetch {
  const body = () =>
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
  return async () => new Response(body(), { headers: { "content-type": "text/event-stream" } });
}

async function outcome(pieces: Uint8Array[]): Promise<ChatSnapshot> {
  const chat = new StreamingChat({ url: "http://model/v1/chat/completions", fetch: answering(pieces) });
  await chat.sendMessage("Hi");
  return chat.getSnapshot();
}

it("finds the recorded streams", () => {
  expect(names).toContain("seed-transcript");
});

describe.each(names)("%s", (name) => {
  const bytes = new Uint8Array(readFileSync(path.join(FOLDER, `${name}.sse`)));
  const expected = JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), "utf8"));

  it.each([
    ["as a whole", [bytes]],
    ["byte by byte", Array.from(bytes, (byte) => Uint8Array.of(byte))],
  ])("comes out right %s", async (_, pieces) => {
    const chat = await outcome(pieces);
    expect(chat.response).toBe(expected.text);
    expect(chat.reasoning).toBe(expected.reasoning ?? chat.reasoning);
    expect(chat.skipped).toBe(expected.skipped ?? chat.skipped);
    expect(chat.finishReason).toBe(expected.finish_reason ?? chat.finishReason);
    expect(chat.isStreaming).toBe(false);
    if (expected.usage) expect(chat.usage).toEqual(expected.usage);
    expect(chat.error?.kind ?? null).toBe(kindOf(expected));
  });
});

function kindOf({ complete, error }: { complete?: boolean; error?: object | null }): string | null {
  if (error) return "provider";
  return complete === false ? "truncated" : null;
}
