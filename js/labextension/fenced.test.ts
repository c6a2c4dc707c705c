import { describe, expect, it } from "vitest";
import { fenced } from "./fenced";

describe("the fence around code", () => {
  it.each([
    ["print(1)\n", "```python\nprint(1)\n```"],
    ["a = '```'\n", "````python\na = '```'\n````"],
    ["", "```python\n\n```"],
  ])("is longer than any fence in %j", (code, shown) => {
    expect(fenced("python", code)).toBe(shown);
  });
});
