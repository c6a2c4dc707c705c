import { describe, expect, it } from "vitest";
import { MarkdownView, type Typesetter } from "./index";
import { add, drawn } from "./testing/drawing";
import { pieces } from "./testing/pieces";

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
    ["设$x$为实数，函数$f(x)=x^2$的导数是$f'(x)=2x$。", ["x", "f(x)=x^2", "f'(x)=2x"]],
    ["関数$g(y)$です。변수$z$는", ["g(y)", "z"]],
    [
      "\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}",
      ["\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}"],
    ],
    ["so\n\\begin{align*}\nx&=1\n\\end{align*}\nend", ["\\begin{align*}\nx&=1\n\\end{align*}"]],
    ["$$\nx\n$$.", ["x"]],
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
    "从$5到$10元",
    "价格$100，优惠价$80",
    "$a{b$",
    "\\begin{itemize}\n\\item a\n\\end{itemize}",
    "\\\\(a\\\\)",
  ])("%j is no formula", (text) => {
    expect(formulas(text)).toEqual([]);
  });

  it("on display stands on its own", () => {
    expect(drawn("$$\nx\n$$").querySelector(".nbs-math-block > .nbs-math > code")?.textContent).toBe("x");
  });
});

describe("a typesetter", () => {
  const asked: [string, boolean][] = [];
  const mark = (tex: string) => {
    const set = document.createElement("i");
    set.textContent = tex;
    return set;
  };
  const view = (typeset: Typesetter) => new MarkdownView(document.createElement("div"), { typeset });
  const shown = ({ root }: MarkdownView) =>
    [...root.querySelectorAll(".nbs-math > *")].map((node) => `${node.localName} ${node.textContent}`);

  it.each([[1], [100]])("is asked once for each formula, when it is closed (pieces of %d)", (size) => {
    asked.length = 0;
    const drawing = view((tex, display) => {
      asked.push([tex, display]);
      return mark(tex);
    });
    for (const piece of pieces("So $x$ and\n\n$$\na +\nb\n$$\n\nthen \\(c\\).", size)) add(drawing, piece);
    drawing.finish();
    expect(asked).toEqual([
      ["x", false],
      ["a +\nb", true],
      ["c", false],
    ]);
    expect(shown(drawing)).toEqual(["i x", "i a +\nb", "i c"]);
  });

  it("may come late, and must not be too late", async () => {
    const late: (() => void)[] = [];
    const drawing = view((tex) => new Promise((resolve) => late.push(() => resolve(mark(tex)))));
    drawing.reset("$x$", true);
    drawing.reset("$y$", true);
    expect(shown(drawing)).toEqual(["code y"]);
    late[0]?.();
    await Promise.resolve();
    expect(shown(drawing)).toEqual(["code y"]);
    late[1]?.();
    await Promise.resolve();
    expect(shown(drawing)).toEqual(["i y"]);
    drawing.reset("$z$", true);
    expect(shown(drawing)).toEqual(["code z"]);
  });

  it("that refuses leaves the source", async () => {
    for (const answer of [null, Promise.resolve(null), Promise.reject(new Error("offline"))]) {
      const drawing = view(() => answer);
      drawing.reset("$x^$", true);
      await Promise.resolve();
      expect(shown(drawing)).toEqual(["code x^"]);
    }
  });
});
