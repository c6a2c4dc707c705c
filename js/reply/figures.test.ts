import { describe, expect, it } from "vitest";
import cases from "../../tests/fixtures/figures.json";
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

describe("the figures that terminals show as well", () => {
  it.each(cases)("$name", ({ status, meta, footer, outcome }) => {
    const page = outcome?.page ? [outcome.page] : [];
    const shown = texts(meta as Partial<Meta>, status as Status);
    expect(shown.join(" · ")).toBe([footer, ...page].filter(Boolean).join(" · "));
  });
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

it("says that an answer failed, where no error box does", () => {
  const error = { kind: "auth", type: "AuthenticationError", message: "No.", advice: "" };
  expect(texts({}, "failed")).toEqual(["Failed"]);
  expect(texts({ error }, "failed")).toEqual([]);
  expect(texts({ error: { ...error, raised: true } }, "failed")).toEqual(["Failed"]);
});

it("has the details of token counts in their title", () => {
  const counts = usage({ input: 25, output: 312, total: 337, cached: 16, reasoning: 64 });
  expect(titles({ usage: counts })).toEqual(["input 25, cached 16, output 312, reasoning 64, total 337"]);
});

it("names provider and host in the title of the model", () => {
  expect(titles({ model: "m", provider: "openrouter", host: "openrouter.ai" })).toEqual([
    "openrouter · openrouter.ai",
  ]);
});

describe("an unusual end", () => {
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
