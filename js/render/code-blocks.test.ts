import { describe, expect, it } from "vitest";
import { codeBlocks } from "./code-blocks";

describe("the blocks of code in an answer", () => {
  it("are found in order, with their languages", () => {
    const text =
      "a `b`\r\n\r\n```py title=x\r\nx = 1\r\n```\n\n- in a list\n\n  ~~~{.r}\n  y\n  ~~~\n\n    z\n";
    expect(codeBlocks(text)).toEqual([
      { language: "py", code: "x = 1\n" },
      { language: "r", code: "y\n" },
    ]);
  });

  it("may be indented, and the last one may be open", () => {
    expect(codeBlocks("p\n\n    z\n\n```\nopen")).toEqual([
      { language: "", code: "z" },
      { language: "", code: "open" },
    ]);
  });

  it("are none in text without code", () => {
    expect(codeBlocks("plain\n\n<pre>x</pre>")).toEqual([]);
  });
});
