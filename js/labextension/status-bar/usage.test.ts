import { describe, expect, it } from "vitest";
import { CHAT_MIMETYPE } from "../../core/chat-protocol";
import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import { REPLY_MIMETYPE } from "../../core/protocol";
import { totalsOf } from "./usage";
import { details, summary } from "./wording";

const run = (...values: unknown[]) => JSON.stringify(values).replaceAll('"', "'");
const usage = [10, 5, 15, null, null, null, 0.25];

const answer = {
  data: { [REPLY_MIMETYPE]: { v: 2 }, "text/markdown": "Hi" },
  metadata: {
    nbstream: {
      model: "asked",
      run: run("r2", "m-2", null, null, null, null, usage, [], null, null, "2026-02-02T00:00:00Z", {
        version: 1,
        versions: [[0, { id: "r1", usage: null }]],
      }),
    },
  },
};

const chat = {
  data: { [CHAT_MIMETYPE]: { v: 2, messages: [] }, "text/markdown": "" },
  metadata: {
    nbstream: { answers: [run("r3", "m-3", null, null, null, null, usage, [], null, null, "2026-01-01"), 5] },
  },
};

const comparison = {
  data: { [COMPARISON_MIMETYPE]: { v: 1 } },
  metadata: { nbstream: { id: "c", output_tokens: [1, null, "x"], cost: [0.5, null, -1] } },
};

describe("the totals of a notebook", () => {
  it("are those of all answers, with other versions, chats and comparisons", () => {
    expect(totalsOf([answer, chat, comparison])).toEqual({
      answers: 6,
      model: "m-2",
      input: 20,
      output: 11,
      cost: 1,
      unpriced: 3,
    });
  });

  it.each([null, 5, "text", [], { run: "[" }, { run: "['r',5,null,null,null,null,['x',-1]]" }])(
    "count nothing that cannot be read: %j",
    (nbstream) => {
      const output = { data: { [REPLY_MIMETYPE]: nbstream }, metadata: { nbstream } };
      expect(totalsOf([output])).toMatchObject({ model: "", input: 0, output: 0, cost: 0, unpriced: 1 });
    },
  );

  it("are nothing in a notebook without answers", () => {
    expect(totalsOf([{ data: { "text/plain": "1" }, metadata: {} }]).answers).toBe(0);
  });
});

describe("the texts of the status bar", () => {
  it("name what is known", () => {
    const totals = totalsOf([answer, chat, comparison]);
    expect(summary(totals)).toBe("m-2 · 31 tokens · $1.00");
    expect(details(totals)).toBe(
      "nbstream: 6 answers in this notebook, other versions included\nLast model: m-2\n" +
        "Input: 20 tokens, output: 11 tokens\nCost: $1.00\n3 answers without a known price",
    );
  });

  it("leave out what is not known, and show hidden characters", () => {
    const totals = { answers: 1, model: "a\u202eb", input: 0, output: 0, cost: 0, unpriced: 1 };
    expect(summary(totals)).not.toContain("\u202e");
    expect(details(totals)).not.toContain("$");
  });
});
