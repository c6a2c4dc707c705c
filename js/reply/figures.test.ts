import { describe, expect, it } from "vitest";
import type { Meta, Status, Usage } from "../core/protocol";
import { EMPTY_SNAPSHOT } from "../core/store";
import { figures, seconds } from "./figures";

const texts = (parts: Partial<Meta>, status: Status = "finished") =>
  figures({ ...EMPTY_SNAPSHOT.meta, ...parts }, status).map(({ text }) => text);

const titles = (parts: Partial<Meta>) =>
  figures({ ...EMPTY_SNAPSHOT.meta, ...parts }, "finished").map(({ title }) => title);

const usage = (parts: Partial<Usage>): Usage => ({
  input: null,
  output: null,
  total: null,
  cached: null,
  reasoning: null,
  ...parts,
});

it("shows nothing that is not known", () => {
  expect(texts({})).toEqual([]);
});

it("shows the usual answer in one line", () => {
  const meta = { model: "gpt-5-mini", ttft: 0.6249, tokens_per_second: 41.3, finish_reason: "stop" };
  expect(texts({ ...meta, usage: usage({ input: 25, output: 312, total: 337 }) })).toEqual([
    "gpt-5-mini",
    "0.62 s to first token",
    "41 tok/s",
    "312 tokens (25 in)",
  ]);
});

it("labels the demo before everything else", () => {
  expect(texts({ demo: true, model: "demo" })).toEqual(["demo — scripted, no model", "demo"]);
});

it("says that an answer failed, where no error box does", () => {
  const error = { kind: "auth", type: "AuthenticationError", message: "No.", advice: "" };
  expect(texts({}, "failed")).toEqual(["Failed"]);
  expect(texts({ error }, "failed")).toEqual([]);
  expect(texts({ error: { ...error, raised: true } }, "failed")).toEqual(["Failed"]);
});

it("labels a local model before everything else", () => {
  const badge = "local · SmolLM2 135M: a very small model, often wrong";
  expect(texts({ badge, model: "smollm2-135m" })).toEqual([badge, "smollm2-135m"]);
});

it("marks an estimated rate", () => {
  expect(texts({ tokens_per_second: 41.3 })).toEqual(["≈41 tok/s"]);
  expect(texts({ tokens_per_second: 7748.2 })).toEqual(["≈7,748 tok/s"]);
  expect(texts({ tokens_per_second: 3.14, usage: usage({ input: 5 }) })).toEqual(["≈3.1 tok/s"]);
});

describe("token counts", () => {
  it.each([
    [usage({ output: 1 }), "1 token"],
    [usage({ output: 12345, input: 6789 }), "12,345 tokens (6,789 in)"],
    [usage({ total: 40 }), "40 tokens total"],
  ])("%o", (counts, text) => {
    expect(texts({ usage: counts })).toEqual([text]);
  });

  it("have the details in their title", () => {
    const counts = usage({ input: 25, output: 312, total: 337, cached: 16, reasoning: 64 });
    expect(titles({ usage: counts })).toEqual(["input 25, cached 16, output 312, reasoning 64, total 337"]);
  });
});

it("names provider and host in the title of the model", () => {
  expect(titles({ model: "m", provider: "openrouter", host: "openrouter.ai" })).toEqual([
    "openrouter · openrouter.ai",
  ]);
});

describe("an unusual end", () => {
  it.each([
    ["length", "cut off by the token limit"],
    ["content_filter", "ended by the content filter"],
    ["tool_calls", "asks for a tool call"],
    ["eos", "finish reason: eos"],
  ])("%s", (reason, text) => {
    expect(texts({ finish_reason: reason })).toEqual([text]);
  });

  it("is not said twice", () => {
    const notices = [{ kind: "length", text: "The answer was cut off by the token limit." }];
    expect(texts({ finish_reason: "length", notices })).toEqual([]);
    const error = { kind: "auth", type: "AuthenticationError", message: "No.", advice: "" };
    expect(texts({ error }, "failed")).toEqual([]);
  });

  it("is named when the reply was stopped or failed", () => {
    expect(texts({}, "stopped")).toEqual(["Stopped"]);
    expect(texts({}, "failed")).toEqual(["Failed"]);
  });
});

it.each([
  [0.04, "0.04 s"],
  [0.44, "0.4 s"],
  [12.3, "12 s"],
  [59.4, "59 s"],
  [59.6, "1 min 0 s"],
  [125, "2 min 5 s"],
])("writes %f seconds as %s", (value, text) => {
  expect(seconds(value)).toBe(text);
});
