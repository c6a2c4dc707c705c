import { describe, expect, it } from "vitest";
import { MarkdownView } from "./index";
import { add, drawn } from "./testing/drawing";

function formulas(text: string): string[] {
  return [...drawn(text).querySelectorAll(".nbs-math")].map((math) => math.textContent ?? "");
}

describe("math", () => {
  it.each([
    ["$x^2$", ["x^2"]],
    ["a $x$ and $y_1*z_2$.", ["x", "y_1*z_2"]],
    ["\\(a+b\\) and \\[c\\]", ["a+b", "c"]],
    ["$$x$$", ["x"]],
    ["$$\n\\frac{a}{b}\n$$", ["\\frac{a}{b}"]],
    ["\\[\na \\\\\nb\n\\]", ["a \\\\\nb"]],
    ["text\n$$\nx\n$$\nmore", ["x"]],
    ["- item\n  $$\n  x\n  $$", ["x"]],
    ["costs \\$5, $x$ and $y$", ["x", "y"]],
    ["$a\\$b$", ["a\\$b"]],
  ])("%j holds %j", (text, expected) => {
    expect(formulas(text)).toEqual(expected);
  });

  it.each([
    "$5",
    "$5 to $6",
    "$5-$6",
    "between $5 and $10, not 5 $",
    "$HOME/bin:$PATH",
    "US$5 and CA$6",
    "$ x $",
    "$$\nnever closed\n\nnext",
    "`$x$`",
    "\\\\(a\\\\)",
  ])("%j is no formula", (text) => {
    expect(formulas(text)).toEqual([]);
  });

  it("on display stands on its own", () => {
    expect(drawn("$$\nx\n$$").querySelector(".nbs-math-block > code.nbs-math")?.textContent).toBe("x");
  });
});

describe("onMath", () => {
  function typeset(pieces: string[]): [string, boolean][] {
    const calls: [string, boolean][] = [];
    const onMath = (element: HTMLElement, tex: string, display: boolean) => {
      expect(element.textContent).toBe(tex);
      element.replaceChildren(`typeset ${tex}`);
      calls.push([tex, display]);
    };
    const view = new MarkdownView(document.createElement("div"), { onMath });
    for (const piece of pieces) add(view, piece);
    view.finish();
    expect([...view.root.querySelectorAll(".nbs-math")].map((math) => math.textContent)).toEqual(
      calls.map(([tex]) => `typeset ${tex}`),
    );
    return calls;
  }

  it("is called once for each formula, when it is closed", () => {
    const text = "So $x$ and\n\n$$\na +\nb\n$$\n\nthen \\(c\\).";
    const expected = [
      ["x", false],
      ["a +\nb", true],
      ["c", false],
    ];
    expect(typeset([text])).toEqual(expected);
    expect(typeset([...text])).toEqual(expected);
  });
});
