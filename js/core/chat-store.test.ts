import { effect } from "@preact/signals-core";
import { describe, expect, it, vi } from "vitest";
import type { ChatSnapshot, TurnSnapshot } from "./chat-protocol";
import { ChatStore, EMPTY_CHAT } from "./chat-store";
import type { Snapshot } from "./protocol";
import { EMPTY_SNAPSHOT } from "./store";

const reply = (id: string, parts: Partial<Snapshot> = {}): Snapshot => ({ ...EMPTY_SNAPSHOT, id, ...parts });

const turn = (id: string, parts: Partial<TurnSnapshot> = {}): TurnSnapshot => ({
  id,
  text: `said ${id}`,
  images: [],
  version: 0,
  versions: 1,
  stale: false,
  reply: reply(`${id}-1`),
  ...parts,
});

const chat = (seq: number, ...ids: string[]): ChatSnapshot => ({
  ...EMPTY_CHAT,
  seq,
  turns: ids.map((id) => turn(id)),
});

const order = (store: ChatStore) => store.turns.value.map(({ id }) => id).join(" ");

describe("turns", () => {
  it("come, in their place, and go", () => {
    const store = new ChatStore(chat(1, "a", "c"));
    store.apply({ t: "turn", seq: 2, at: 1, turn: turn("b") });
    expect(order(store)).toBe("a b c");
    store.apply({ t: "remove", seq: 3, id: "a" });
    expect(order(store)).toBe("b c");
    store.apply({ t: "turn", seq: 4, at: 1, turn: turn("b") });
    expect(order(store)).toBe("c b");
    store.apply({ t: "clear", seq: 5 });
    expect(order(store)).toBe("");
  });

  it("stay the same object when they are replaced, and nobody hears of the list", () => {
    const store = new ChatStore(chat(1, "a"));
    const [before] = store.turns.value;
    const heard = vi.fn();
    effect(() => heard(store.turns.value));
    const next = turn("a", {
      text: "changed",
      version: 1,
      versions: 2,
      reply: reply("a-2", { text: "new" }),
    });
    store.apply({ t: "turn", seq: 2, at: 0, turn: next });
    expect(store.turns.value[0]).toBe(before);
    expect(before?.head.value).toMatchObject({ text: "changed", version: 1, versions: 2 });
    expect(before?.reply.text.value).toBe("new");
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("grow by the frames of their replies", () => {
    const store = new ChatStore(chat(1, "a", "b"));
    store.apply({
      t: "frame-of",
      seq: 2,
      id: "a",
      frame: { t: "frame", seq: 1, status: "streaming", text: [0, "Hi"] },
    });
    expect(store.turns.value.map((each) => each.reply.text.value)).toEqual(["Hi", ""]);
  });
});

describe("messages", () => {
  it("are ignored when they are old", () => {
    const store = new ChatStore(chat(5, "a"));
    store.apply({ t: "clear", seq: 5 });
    expect(order(store)).toBe("a");
  });

  it("after a gap change nothing and ask for a snapshot, once in a while", () => {
    const resync = vi.fn();
    const store = new ChatStore(chat(1, "a"), { resync });
    for (let seq = 3; seq < 36; seq += 1) store.apply({ t: "clear", seq });
    expect(order(store)).toBe("a");
    expect(resync).toHaveBeenCalledTimes(2);
    store.applySnapshot(chat(40, "a", "b"));
    store.apply({ t: "remove", seq: 41, id: "a" });
    expect(order(store)).toBe("b");
    store.apply({ t: "clear", seq: 43 });
    expect(resync).toHaveBeenCalledTimes(3);
  });

  it("whose frame does not fit the text ask for a snapshot", () => {
    const resync = vi.fn();
    const store = new ChatStore(chat(1, "a"), { resync });
    store.apply({
      t: "frame-of",
      seq: 2,
      id: "a",
      frame: { t: "frame", seq: 1, status: "streaming", text: [9, "x"] },
    });
    expect(resync).toHaveBeenCalledTimes(1);
  });

  it("about the chat replace what was known", () => {
    const store = new ChatStore(EMPTY_CHAT);
    store.apply({ t: "meta", seq: 1, meta: { ...EMPTY_CHAT.meta, busy: true } });
    expect(store.meta.value.busy).toBe(true);
  });
});

describe("snapshots", () => {
  it("replace everything, and keep the turns that stay", () => {
    const store = new ChatStore(chat(1, "a", "b"));
    const [, b] = store.turns.value;
    store.applySnapshot(chat(7, "b", "c"));
    expect(order(store)).toBe("b c");
    expect(store.turns.value[0]).toBe(b);
  });

  it("are ignored when older than what is held", () => {
    const store = new ChatStore(chat(9, "a"));
    store.applySnapshot(chat(8));
    expect(order(store)).toBe("a");
  });
});
