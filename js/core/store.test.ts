import { effect } from "@preact/signals-core";
import { describe, expect, it, vi } from "vitest";
import type { Frame, Snapshot } from "./protocol";
import { EMPTY_SNAPSHOT, isOver, ReplyStore } from "./store";

const frame = (seq: number, parts: Partial<Frame> = {}): Frame => ({
  t: "frame",
  seq,
  status: "streaming",
  ...parts,
});

const snapshot = (parts: Partial<Snapshot>): Snapshot => ({ ...EMPTY_SNAPSHOT, id: "r1", ...parts });

describe("frames", () => {
  it("append where the text ends, in UTF-16 units", () => {
    const store = new ReplyStore(EMPTY_SNAPSHOT);
    store.applyFrame(frame(1, { text: [0, "a😀"] }));
    store.applyFrame(frame(2, { text: [3, "b"], reasoning: [0, "hm"] }));
    expect(store.text.value).toBe("a😀b");
    expect(store.reasoning.value).toBe("hm");
  });

  it("are trimmed where they repeat text", () => {
    const store = new ReplyStore(snapshot({ text: "Hello" }));
    store.applyFrame(frame(1, { text: [3, "lo world"] }));
    expect(store.text.value).toBe("Hello world");
    store.applyFrame(frame(2, { text: [0, "Hello"] }));
    expect(store.text.value).toBe("Hello world");
  });

  it("add JSON, and replace what is open", () => {
    const resync = vi.fn();
    const store = new ReplyStore(snapshot({ json: "[1", open: "| 0 | 1… |" }), { resync });
    store.applyFrame(frame(1, { text: [0, "| 0 | 1 |"], json: [2, ", 2"], open: "| 1 | 2… |" }));
    store.applyFrame(frame(2, { json: [5, "]"] }));
    expect([store.json.value, store.open.value]).toEqual(["[1, 2]", "| 1 | 2… |"]);
    expect(new ReplyStore(store.snapshot()).json.value).toBe("[1, 2]");
    store.applyFrame(frame(3, { open: "" }));
    expect(store.open.value).toBe("");
    store.applyFrame(frame(4, { json: [9, "x"] }));
    expect(resync).toHaveBeenCalledOnce();
    store.applySnapshot(snapshot({ seq: 5, text: "No." }));
    expect(store.json.value).toBe("");
  });

  it("add images, and bring all sources", () => {
    const resync = vi.fn();
    const store = new ReplyStore(snapshot({ images: ["a"] }), { resync });
    store.applyFrame(frame(1, { images: [0, ["a", "b"]], citations: [{ url: "u", title: "t" }] }));
    expect(store.images.value).toEqual(["a", "b"]);
    store.applyFrame(frame(2, { images: [3, ["d"]] }));
    expect(store.images.value).toEqual(["a", "b"]);
    expect(resync).toHaveBeenCalledOnce();
    store.applySnapshot(snapshot({ seq: 3 }));
    expect([store.images.value, store.citations.value]).toEqual([[], []]);
  });

  it("are ignored when they are old", () => {
    const store = new ReplyStore(snapshot({ seq: 5, text: "abc" }));
    store.applyFrame(frame(5, { text: [3, "x"], status: "failed" }));
    store.applyFrame(frame(4, { text: [3, "y"] }));
    expect(store.text.value).toBe("abc");
    expect(store.status.value).toBe("submitted");
  });

  it("are one change for whoever watches", () => {
    const store = new ReplyStore(EMPTY_SNAPSHOT);
    const seen: string[] = [];
    effect(() => void seen.push(`${store.status.value}:${store.text.value}`));
    store.applyFrame(frame(1, { text: [0, "a"] }));
    expect(seen).toEqual(["submitted:", "streaming:a"]);
  });

  it("that leave a gap change nothing and ask for a snapshot, once in a while", () => {
    const resync = vi.fn();
    const store = new ReplyStore(EMPTY_SNAPSHOT, { resync });
    for (let seq = 1; seq <= 33; seq += 1) store.applyFrame(frame(seq, { text: [100, "late"] }));
    expect(store.text.value).toBe("");
    expect(store.status.value).toBe("submitted");
    expect(resync).toHaveBeenCalledTimes(2);
  });

  it("bring calls of tools, and add to their arguments", () => {
    const store = new ReplyStore(EMPTY_SNAPSHOT);
    const call = { id: "1", name: "f", state: "writing" as const, result: null };
    store.applyFrame(frame(1, { tools: [{ at: 0, ...call, arguments: [0, '{"a"'] }] }));
    store.applyFrame(frame(2, { tools: [{ at: 0, ...call, arguments: [2, 'a": 1}'] }] }));
    store.applyFrame(frame(3, { tools: [{ at: 1, ...call, name: "g", arguments: [0, ""] }] }));
    store.applyFrame(frame(4, { tools: [{ at: 0, ...call, state: "asking", arguments: [8, ""] }] }));
    expect(store.tools.value).toEqual([
      { ...call, state: "asking", arguments: '{"a": 1}' },
      { ...call, name: "g", arguments: "" },
    ]);
  });

  it.each([
    ["before the arguments", 0, 5],
    ["before the call", 2, 0],
  ])("of a call that leave a gap %s change nothing and ask for a snapshot", (_, at, offset) => {
    const resync = vi.fn();
    const store = new ReplyStore(EMPTY_SNAPSHOT, { resync });
    const call = { id: "1", name: "f", state: "asking" as const, result: null };
    store.applyFrame(frame(1, { text: [0, "x"], tools: [{ at, ...call, arguments: [offset, "x"] }] }));
    expect([store.tools.value, store.text.value]).toEqual([[], ""]);
    expect(resync).toHaveBeenCalledTimes(1);
  });

  it("go on after the snapshot that was asked for", () => {
    const resync = vi.fn();
    const store = new ReplyStore(snapshot({ text: "" }), { resync });
    store.applyFrame(frame(7, { text: [4, "!"] }));
    store.applySnapshot(snapshot({ seq: 7, text: "full!", status: "streaming" }));
    store.applyFrame(frame(8, { text: [5, "?"], status: "finished" }));
    expect(store.text.value).toBe("full!?");
    expect(store.status.value).toBe("finished");
    store.applyFrame(frame(9, { text: [99, "gap"] }));
    expect(resync).toHaveBeenCalledTimes(2);
  });
});

describe("snapshots", () => {
  it("replace everything", () => {
    const store = new ReplyStore(snapshot({ text: "old", reasoning: "old" }));
    store.applySnapshot(snapshot({ seq: 3, text: "new", status: "finished" }));
    expect(store.text.value).toBe("new");
    expect(store.reasoning.value).toBe("");
    expect(store.status.value).toBe("finished");
  });

  it("are ignored when older than what is held of the same reply", () => {
    const store = new ReplyStore(snapshot({ seq: 9, text: "later" }));
    store.applySnapshot(snapshot({ seq: 8, text: "earlier" }));
    expect(store.text.value).toBe("later");
  });

  it("of another reply are taken whatever their number", () => {
    const store = new ReplyStore(snapshot({ seq: 9, text: "one" }));
    store.applySnapshot(snapshot({ id: "r2", seq: 1, text: "two" }));
    expect(store.text.value).toBe("two");
  });
});

it("knows how old its meta is", () => {
  let now = 1000;
  const store = new ReplyStore(EMPTY_SNAPSHOT, { now: () => now });
  now = 3500;
  expect(store.metaAge()).toBe(2500);
  store.applyFrame(frame(1, { meta: { ...EMPTY_SNAPSHOT.meta, model: "m" } }));
  expect(store.metaAge()).toBe(0);
  now = 4000;
  store.applyFrame(frame(2));
  expect(store.metaAge()).toBe(500);
});

it("knows which states are final", () => {
  expect((["submitted", "streaming"] as const).some(isOver)).toBe(false);
  expect((["finished", "stopped", "failed"] as const).every(isOver)).toBe(true);
});
