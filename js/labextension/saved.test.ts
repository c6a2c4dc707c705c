import { describe, expect, it } from "vitest";
import type { SavedReply } from "../core/protocol";
import { EMPTY_SNAPSHOT, UNFINISHED } from "../core/store";
import { savedSnapshot, savedVersions } from "./saved";

const REPLY: SavedReply = {
  v: 1,
  status: "finished",
  text: "Hello",
  reasoning: "Hm.",
  finish_reason: "length",
  notices: [{ kind: "length", text: "The answer was cut." }],
  error: null,
  demo: false,
};

const PROVENANCE = {
  model: "gpt-5-mini",
  model_resolved: "gpt-5-mini-2026-01-01",
  provider: "openai",
  host: "api.openai.com",
  params: { temperature: 0 },
  prompt_hash: "abc",
  usage: { input: 25, output: 312, total: 337, cached: null, reasoning: 64 },
  timings: { ttft: 0.62, duration: 8.2, tokens_per_second: 41.3, reasoning_seconds: 2 },
  request_id: "req_1",
  finish_reason: "length",
  created: "2026-11-22T09:00:00Z",
};

it("merges what was saved with what varies from run to run", () => {
  expect(savedSnapshot(REPLY, PROVENANCE)).toEqual({
    v: 1,
    id: "",
    status: "finished",
    text: "Hello",
    reasoning: "Hm.",
    tools: [],
    meta: {
      model: "gpt-5-mini-2026-01-01",
      provider: "openai",
      host: "api.openai.com",
      demo: false,
      badge: "",
      loading: "",
      elapsed: 8.2,
      ttft: 0.62,
      duration: 8.2,
      tokens_per_second: 41.3,
      reasoning_seconds: 2,
      usage: { input: 25, output: 312, total: 337, cached: null, reasoning: 64 },
      finish_reason: "length",
      notices: [{ kind: "length", text: "The answer was cut." }],
      error: null,
      retrying: null,
      continuable: false,
    },
  });
});

it("keeps the badge of a local model", () => {
  expect(savedSnapshot({ ...REPLY, badge: "local · M: small" }, PROVENANCE).meta.badge).toBe(
    "local · M: small",
  );
  expect(savedSnapshot({ ...REPLY, badge: 5 }, PROVENANCE).meta.badge).toBe("");
});

it("knows which reply it is, and whether it can be continued", () => {
  const saved = savedSnapshot(REPLY, { ...PROVENANCE, id: "r1", continuable: true });
  expect([saved.id, saved.meta.continuable]).toEqual(["r1", true]);
  expect(savedSnapshot(REPLY, { ...PROVENANCE, id: 5, continuable: "yes" }).meta.continuable).toBe(false);
});

it("falls back to the model that was asked for", () => {
  expect(savedSnapshot(REPLY, { model: "m", model_resolved: null }).meta.model).toBe("m");
});

it("shows a reply without provenance", () => {
  const { meta, text } = savedSnapshot(REPLY, undefined);
  expect(text).toBe("Hello");
  expect(meta).toEqual({ ...EMPTY_SNAPSHOT.meta, finish_reason: "length", notices: REPLY.notices });
});

it.each(["streaming", "submitted"] as const)(
  "takes a reply that was saved as %s for unfinished",
  (status) => {
    const saved = savedSnapshot({ ...REPLY, status, notices: [] }, {});
    expect(saved.status).toBe("stopped");
    expect(saved.meta.notices).toEqual([{ kind: "unfinished", text: UNFINISHED }]);
  },
);

describe("versions", () => {
  const earlier = (number: number, text: string) => ({
    version: number,
    reply: { ...REPLY, text },
    nbstream: { model: `m${number}` },
  });

  it("end with the answer itself", () => {
    const others = [earlier(2, "a"), earlier(3, "b")];
    const { versions, active } = savedVersions(REPLY, { ...PROVENANCE, versions: others }, "");
    expect(active).toBe(2);
    expect(versions.map(({ number, snapshot }) => [number, snapshot.text, snapshot.meta.model])).toEqual([
      [2, "a", "m2"],
      [3, "b", "m3"],
      [4, "Hello", "gpt-5-mini-2026-01-01"],
    ]);
  });

  it("are one where none was saved before", () => {
    expect(savedVersions(REPLY, PROVENANCE, "")).toEqual({
      versions: [{ number: 0, snapshot: savedSnapshot(REPLY, PROVENANCE) }],
      active: 0,
      stale: false,
    });
  });

  it("have the answer in its place, where an older one was chosen", () => {
    const others = [earlier(2, "a"), earlier(4, "b")];
    const { versions, active } = savedVersions(REPLY, { ...PROVENANCE, version: 3, versions: others }, "");
    expect(versions.map(({ number, snapshot }) => [number, snapshot.text])).toEqual([
      [2, "a"],
      [3, "Hello"],
      [4, "b"],
    ]);
    expect(active).toBe(1);
  });

  it.each([null, 5, "text", {}, [null, 1, "x"]])("%j for the earlier ones is none", (versions) => {
    expect(savedVersions(REPLY, { versions }, "").versions).toHaveLength(1);
  });

  it("out of a hostile notebook are shown as far as they can be read", () => {
    const { versions } = savedVersions(
      REPLY,
      {
        versions: [{ version: "x", reply: 5 }, earlier(-1, "kept")],
      },
      "",
    );
    expect(versions.map(({ number, snapshot }) => [number, snapshot.text])).toEqual([
      [0, ""],
      [1, "kept"],
      [2, "Hello"],
    ]);
  });
});

it("shows calls of tools as they ended", () => {
  const call = { name: "add", arguments: '{"a": 1}', state: "returned", result: "2" };
  const asking = { name: "remove", arguments: "{}", state: "asking", result: null };
  expect(savedSnapshot({ ...REPLY, tools: [call, asking, 5, { state: 5, result: [] }] }, {}).tools).toEqual([
    { id: "call-0", ...call },
    { id: "call-1", ...asking, state: "unfinished" },
    { id: "call-2", name: "", arguments: "", state: "unfinished", result: null },
  ]);
});

describe("hostile notebooks", () => {
  it.each([null, 5, "text", [], undefined])("with %j for the reply and its provenance", (value) => {
    const { seq: _, ...empty } = EMPTY_SNAPSHOT;
    expect(savedSnapshot(value, value)).toEqual({ ...empty, status: "finished" });
  });

  it("with every field of the wrong type", () => {
    const reply = Object.fromEntries(Object.keys(REPLY).map((name) => [name, { toString: "x" }]));
    const provenance = {
      model: 1,
      usage: { input: "1", output: -5, total: Number.NaN },
      timings: [1],
      host: {},
    };
    const { text, reasoning, meta } = savedSnapshot(reply, provenance);
    expect([text, reasoning]).toEqual(["", ""]);
    expect(meta.usage).toEqual({ input: null, output: null, total: null, cached: null, reasoning: null });
    expect([meta.model, meta.host, meta.ttft, meta.demo, meta.notices]).toEqual([
      null,
      null,
      null,
      false,
      [],
    ]);
    expect(meta.error).toEqual({ kind: "error", type: "", message: "", advice: "", raised: false });
  });

  it("keeps the notices that can be read", () => {
    const notices = [1, null, { text: 5 }, { kind: "x", text: "kept" }, { text: "without a kind" }];
    expect(savedSnapshot({ ...REPLY, notices }, {}).meta.notices).toEqual([
      { kind: "x", text: "kept" },
      { kind: "", text: "without a kind" },
    ]);
  });
});

describe("images and sources", () => {
  const PNG = "data:image/png;base64,iVBORw0KGgo=";
  const markdown = `Hello\n\n![Image 1](${PNG})\n\nSources: 1. [A](https://a.example)`;
  const images = (reply: object, text: unknown = markdown) =>
    savedVersions({ ...REPLY, ...reply }, PROVENANCE, text).versions[0]?.snapshot.images;

  it("takes images out of the Markdown of the output, where they are kept once", () => {
    expect(images({ images: ["Image 1"] })).toEqual([PNG]);
    expect(images({ images: ["Image 1"] }, markdown.split(/(?<=\n)/))).toEqual([PNG]);
    expect(images({ images: [PNG, "https://a.example/1.png"] })).toEqual([PNG, "https://a.example/1.png"]);
  });

  it("takes no other address for an image that is held", () => {
    for (const url of [
      "https://a.example/1.png",
      "data:image/svg+xml;base64,PHN2Zy8+",
      "javascript:alert(1)",
    ])
      expect(images({ images: ["Image 1"] }, `![Image 1](${url})`)).toEqual(["Image 1"]);
  });

  it("reads what is there and leaves the rest out", () => {
    expect(images({})).toBeUndefined();
    expect(images({ images: [5, null, PNG] })).toEqual([PNG]);
    const citations = [{ url: "https://a.example", title: "A" }, "x", { url: 5 }];
    expect(savedSnapshot({ ...REPLY, citations }, PROVENANCE).citations).toEqual([
      { url: "https://a.example", title: "A" },
      { url: "", title: "" },
    ]);
  });
});
