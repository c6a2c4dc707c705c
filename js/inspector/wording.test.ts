import { expect, it } from "vitest";
import type { InspectedRow } from "../core/inspection";
import { duration, kindOf, lineOf, signOf } from "./wording";

const row = (fields: Record<string, unknown>): InspectedRow =>
  ({ at: 1, gap: null, chunk: 0, ...fields }) as InspectedRow;

it.each([
  [row({ type: "text_delta", text: "a\n", choice: 0 }), '"a\\n"'],
  [
    row({ type: "routed", why: "requested", host: "h", model: "m", prompt_hash: "0f" }),
    "model m, host h, why requested",
  ],
  [row({ type: "usage_reported", usage: { input: 3, output: null } }), "usage input 3"],
  [row({ type: "failed", error: { kind: "auth", message: "No." } }), "error kind auth message No."],
  [row({ type: "chunk" }), ""],
])("says %j in one line", (given, line) => {
  expect(lineOf(given)).toBe(line);
});

it("cuts what is long", () => {
  expect(lineOf(row({ type: "text_delta", text: "x".repeat(5000) })).length).toBeLessThan(310);
});

it("marks what is out of the ordinary by a sign and a word", () => {
  for (const type of ["chunk_skipped", "warned", "failed", "retrying", "continued"]) {
    expect(kindOf(row({ type }))).toBe("mark");
    expect(signOf(row({ type })).every(Boolean)).toBe(true);
  }
  expect(kindOf(row({ type: "of another version" }))).toBe("other");
});

it.each([
  [null, "–"],
  [0.00042, "0.4 ms"],
  [0.0384, "38 ms"],
  [1.2, "1.20 s"],
])("gives %s as %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
