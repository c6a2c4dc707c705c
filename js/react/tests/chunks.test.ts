/** Every recorded stream that the Python decoder is tested with, cut in every way. */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Usage } from "../../core/protocol";
import { ChatStream } from "../src/stream/chunks";

const FOLDER = path.join(import.meta.dirname, "../../../tests/fixtures/streams");

/** The expected result of a stream; absent fields are not checked. */
interface Expectation {
  text?: string;
  reasoning?: string;
  finish_reason?: string | null;
  complete?: boolean;
  skipped?: number;
  usage?: Usage | null;
  error?: { kind: string } | null;
}

const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".sse"))
  .map((file) => path.basename(file, ".sse"));

function outcome(pieces: Uint8Array[]): Required<Expectation> {
  const stream = new ChatStream();
  const deltas = [...pieces.flatMap((piece) => stream.push(piece)), ...stream.end()];
  const joined = (type: string) => deltas.map((delta) => (delta.type === type ? delta.text : "")).join("");
  expect([joined("text"), joined("reasoning")]).toEqual([stream.text, stream.reasoning]);
  return {
    text: stream.text,
    reasoning: stream.reasoning,
    finish_reason: stream.finishReason,
    complete: stream.complete,
    skipped: stream.skipped,
    usage: stream.usage,
    error: stream.error,
  };
}

it("finds the recorded streams", () => {
  expect(names).toContain("seed-transcript");
});

describe.each(names)("%s", (name) => {
  const bytes = new Uint8Array(readFileSync(path.join(FOLDER, `${name}.sse`)));
  const expected: Expectation = JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), "utf8"));

  it("comes out right as a whole and byte by byte", () => {
    expect(outcome([bytes])).toMatchObject(expected);
    expect(outcome(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toMatchObject(expected);
  });

  it("comes out the same at every split in two", () => {
    const whole = JSON.stringify(outcome([bytes]));
    const split = (at: number) => JSON.stringify(outcome([bytes.subarray(0, at), bytes.subarray(at)]));
    for (let at = 1; at < bytes.length; at += 1)
      if (split(at) !== whole) expect(split(at), `split at ${at}`).toBe(whole);
  });
});
