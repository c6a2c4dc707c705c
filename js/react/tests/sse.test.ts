import { describe, expect, it } from "vitest";
import { EventDecoder, type ServerSentEvent } from "../src/stream/sse";

const bytes = (text: string) => new TextEncoder().encode(text);

function decodeAll(pieces: Uint8Array[]): ServerSentEvent[] {
  const decoder = new EventDecoder();
  return [...pieces.flatMap((piece) => decoder.decode(piece)), ...decoder.end()];
}

const message = (data: string): ServerSentEvent => ({ event: "message", data });

const STREAMS: Record<string, { source: string; events: ServerSentEvent[] }> = {
  LF: { source: "data: a\n\ndata: b\n\n", events: [message("a"), message("b")] },
  CRLF: { source: "data: a\r\n\r\ndata: b\r\n\r\n", events: [message("a"), message("b")] },
  CR: { source: "data: a\r\rdata: b\r\r", events: [message("a"), message("b")] },
  "a byte order mark": { source: "\ufeffdata: a\n\n", events: [message("a")] },
  "no space after the colon": { source: "data:a\n\n", events: [message("a")] },
  "several data lines": { source: "data: a\ndata: b\n\n", events: [message("a\nb")] },
  comments: { source: ": ping\n\ndata: a\n\n: ping\n\n", events: [message("a")] },
  "a named event": {
    source: "event: error\ndata: a\n\ndata: b\n\n",
    events: [{ event: "error", data: "a" }, message("b")],
  },
  "no closing blank line": { source: "data: a\n\ndata: b\n", events: [message("a"), message("b")] },
  "no closing line end": { source: "data: a\n\ndata: b", events: [message("a"), message("b")] },
  "characters of several bytes": { source: "data: é😀\u2028中\n\n", events: [message("é😀\u2028中")] },
};

describe.each(Object.entries(STREAMS))("with %s", (_name, { source, events }) => {
  const whole = bytes(source);

  it("decodes the whole at once and byte by byte", () => {
    expect(decodeAll([whole])).toEqual(events);
    expect(decodeAll([...whole].map((byte) => Uint8Array.of(byte)))).toEqual(events);
  });

  it("decodes every split in two", () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      expect(decodeAll([whole.slice(0, cut), whole.slice(cut)]), `cut at ${cut}`).toEqual(events);
    }
  });
});

it("gives an event as soon as its blank line is there", () => {
  const decoder = new EventDecoder();
  expect(decoder.decode(bytes("data: a\n"))).toEqual([]);
  expect(decoder.decode(bytes("\n"))).toEqual([message("a")]);
});
