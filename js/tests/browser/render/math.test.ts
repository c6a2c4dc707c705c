/** Formulas in a real browser: what is typeset, and what stays source. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Drawing from "./drawing";
import { Stage } from "./stage";

declare const drawing: typeof Drawing;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const formula = (tex: string) => stage.page.evaluate((tex) => drawing.formula(tex), tex);

describe("a formula", () => {
  it("is MathML", async () => {
    expect(await formula("\\frac{a}{b}")).toBe('<math display="block">[<mfrac>[<mi>["a"],<mi>["b"]]]');
  });

  it.each([
    ["sub- and superscripts", "x_i^2", "<msubsup>"],
    ["roots", "\\sqrt[3]{x}", "<mroot>"],
    ["sums", "\\sum_{i=1}^n i", "<munderover>"],
    ["matrices", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", '<mn>["4"]'],
    ["cases", "\\begin{cases}1&x>0\\\\0&x<0\\end{cases}", "<mtable>"],
    ["aligned lines", "\\begin{aligned}a&=b\\\\c&=d\\end{aligned}", 'class="nbs-math-jot"'],
    ["chemistry", "\\ce{2H2 + O2 -> 2H2O}", "<msub>"],
    ["text", "\\text{if } x", "<mtext>"],
    ["strikes", "\\cancel{x}", 'class="nbs-math-enclosed-updiagonalstrike"'],
    ["boxes", "\\boxed{x}", "border: 1px solid"],
    ["rules of arrays", "\\begin{array}{c|c}a&b\\\\\\hline c&d\\end{array}", "border-right: 0.06em solid"],
    ["tags", "x\\tag{1}", 'class="nbs-math-tagged"'],
    ["colours", "\\textcolor{red}{x}", "--nbs-math-ink: #ff0000"],
    ["macros of its own", "\\newcommand{\\RR}{\\mathbb{R}}x\\in\\RR", '<mi>["ℝ"]'],
  ])("has %s", async (_, tex, part) => {
    expect(await formula(tex)).toContain(part);
  });

  it.each(["x^", "\\undefined", "{", "\\frac{a}", "\\begin{pmatrix}1", "\\ref{a}", "a & b"])(
    "that is not valid, %j, stays source",
    async (tex) => expect(await formula(tex)).toBeNull(),
  );

  it("leaves nothing behind for the next", async () => {
    expect(await formula("\\gdef\\mine{x}\\mine")).not.toBeNull();
    expect(await formula("\\mine")).toBeNull();
  });

  it("is read out as math", async () => {
    await stage.page.evaluate((text) => drawing.show(text, 3), "So $x^2$ is.\n\n$$\n\\frac{1}{2}\n$$");
    await expect.poll(() => stage.page.getByRole("math").count()).toBe(2);
    await expect.poll(() => stage.page.locator(".nbs-math code").count()).toBe(0);
  });
});

describe("a hostile formula", () => {
  it.each([
    "\\href{https://evil.example}{x}",
    "\\url{https://evil.example}",
    "\\includegraphics{https://evil.example/x.png}",
    "\\class{nbstream}{x}",
    "\\id{nbs}{x}",
    "\\style{background:url(https://evil.example)}{x}",
    "\\htmlData{lm-suppress=true}{x}",
    "\\ref{nbs}",
  ])("gets no power over the page: %s", async (tex) => expect(await formula(tex)).toBeNull());

  it("gets no id by a label", async () => {
    expect(await formula("\\label{nbs}x")).not.toContain("nbs");
  });

  it.each([
    "\\hspace{-1000em}x",
    "\\raisebox{-1000em}{x}",
    "\\rule{1000em}{1000em}",
    "\\kern-1000pt x",
    "\\begin{array}{c}a\\\\[1000em]b\\end{array}",
  ])("asks for no great distance: %s", async (tex) => {
    const sizes = (await formula(tex))?.match(/-?[\d.]+(?=em|pt)/g) ?? [];
    expect(sizes.map(Number).filter((size) => Math.abs(size) > 400)).toEqual([]);
  });

  it.each(["$x\\hspace{-20em}{far}$", "$$\nx\\hspace{-39em}{far}\n$$"])(
    "paints nothing outside of its box: %s",
    async (text) => {
      const painted = await stage.page.evaluate(async (text) => {
        const { root } = await drawing.show(text, 0);
        root.style.marginLeft = "500px";
        const far = [...root.querySelectorAll("mi")].at(-1)?.getBoundingClientRect() as DOMRect;
        const place = [far.x + far.width / 2, far.y + far.height / 2] as const;
        return [
          place[0] > 0 && place[0] < 500,
          document.elementFromPoint(...place)?.closest("math") === null,
        ];
      }, text);
      expect(painted).toEqual([true, true]);
    },
  );

  it("has its hidden characters named", async () => {
    expect(await formula("\\text{a\u202eb}")).toContain("a[U+202E]b");
  });

  it.each([
    ["nests", "\\frac{".repeat(900) + "x".padEnd(901, "}")],
    ["is long", "x".repeat(9000)],
    ["has many parts", "x+".repeat(3900)],
    ["calls itself", "\\def\\a{\\a\\a}\\a"],
    ["multiplies", `\\def\\a{${"x".repeat(3000)}}${"\\a".repeat(400)}`],
    ["doubles", `\\def\\a#1{#1#1}${"\\a{".repeat(24)}x${"}".repeat(24)}`],
  ])("that %s stays source", async (_, tex) => expect(await formula(tex)).toBeNull());
});
