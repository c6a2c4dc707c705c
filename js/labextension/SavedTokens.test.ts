import { describe, expect, it } from "vitest";
import { factsOf } from "./SavedTokens";
import { scoredTexts } from "./scored-texts";

describe("tokens in an output", () => {
  it("are read with their alternatives", () => {
    const [token] = scoredTexts({ tokens: [["is", 0.3, [["ma", 0.14]]]] });
    expect(factsOf(token)).toBe('"is" 30.0 %; alternatives: "ma" 14.0 %');
    expect(factsOf(undefined)).toContain("arrow keys");
  });

  it.each([undefined, [], { tokens: "x" }, { tokens: [3, ["a"], ["a", "b"], [1, 1], ["a", Number.NaN]] }])(
    "that cannot be read are left out: %j",
    (saved) => {
      expect(scoredTexts(saved)).toEqual([]);
    },
  );

  it("have probabilities from 0 to 1", () => {
    const read = scoredTexts({
      tokens: [
        ["a", 7, 0],
        ["b", -7, [[1, 1]]],
      ],
    });
    expect(read.map(({ probability, top }) => [probability, top])).toEqual([
      [1, []],
      [0, []],
    ]);
  });
});
