import { describe, expect, it } from "vitest";
import { ChatStore, EMPTY_CHAT, type TurnStore } from "../core/chat-store";
import { EMPTY_SNAPSHOT } from "../core/store";
import { type Page, paginate } from "./pages";

const head = {
  text: "",
  images: [],
  version: 0,
  versions: 1,
  stale: false,
  reply: EMPTY_SNAPSHOT,
  tools: [],
};

function turns(count: number): readonly TurnStore[] {
  const all = Array.from({ length: count }, (_, index) => ({ ...head, id: `t${index}` }));
  return new ChatStore({ ...EMPTY_CHAT, turns: all }).turns.value;
}

const sizes = (pages: readonly Page[]) => pages.map((page) => page.turns.length);

describe("pages", () => {
  it("hold every turn, in order", () => {
    const all = turns(100);
    const pages = paginate(all, []);
    expect(pages.flatMap((page) => page.turns)).toEqual(all);
    expect(sizes(pages)).toEqual([32, 32, 32, 4]);
    expect(new Set(pages.map(({ id }) => id)).size).toBe(4);
  });

  it("are the same objects where nothing has changed", () => {
    const all = turns(100);
    const before = paginate(all.slice(0, 99), []);
    const after = paginate(all, before);
    expect(after.slice(0, 3).every((page, index) => page === before[index])).toBe(true);
    expect(after[3]).not.toBe(before[3]);
    expect(after[3]?.id).toBe(before[3]?.id);
  });

  it("keep their turns when one goes, also the first", () => {
    const all = turns(70);
    const before = paginate(all, []);
    const after = paginate(all.slice(1), before);
    expect(sizes(after)).toEqual([31, 32, 6]);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it("take in a turn that comes back where it was", () => {
    const all = turns(70);
    const without = paginate(
      all.filter((_, index) => index !== 10),
      [],
    );
    const after = paginate(all, without);
    expect(after.flatMap((page) => page.turns)).toEqual(all);
    expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  });

  it("stay apart when turns change their order", () => {
    const all = turns(70);
    const before = paginate(all, []);
    const after = paginate([...all].reverse(), before);
    expect(after.flatMap((page) => page.turns)).toEqual([...all].reverse());
    expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  });
});
