import { describe, expect, it } from "vitest";
import { type Change, wordDiff } from "./word-diff";

const side = (changes: readonly Change[], left: "del" | "ins") =>
  changes
    .filter(([kind]) => kind !== left)
    .map(([, text]) => text)
    .join("");

describe("the changes of two texts", () => {
  it.each<[string, string, Change[]]>([
    ["", "", []],
    ["same", "same", [["same", "same"]]],
    ["", "new", [["ins", "new"]]],
    [
      "It is cold in Oslo.",
      "It is mild in Oslo.",
      [
        ["same", "It is "],
        ["del", "cold"],
        ["ins", "mild"],
        ["same", " in Oslo."],
      ],
    ],
    [
      "寒い日",
      "暑い日",
      [
        ["del", "寒"],
        ["ins", "暑"],
        ["same", "い日"],
      ],
    ],
  ])("%j, %j", (before, after, changes) => {
    expect(wordDiff(before, after)).toEqual(changes);
  });

  it("add up to both texts, whatever they are", () => {
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % most;
    };
    const text = () =>
      Array.from({ length: random(30) }, () => ["a", "b", " ", "\n", "é", "😀", ".", "c d"][random(8)]).join(
        "",
      );
    for (let round = 0; round < 500; round += 1) {
      const [before, after] = [text(), text()];
      const changes = wordDiff(before, after);
      expect([side(changes, "ins"), side(changes, "del")]).toEqual([before, after]);
    }
  });

  it("of long texts without a common word are one replacement", () => {
    const [before, after] = ["a ".repeat(3000), "b.".repeat(3000)];
    const changes = wordDiff(before, after);
    expect([side(changes, "ins"), side(changes, "del")]).toEqual([before, after]);
  });
});
