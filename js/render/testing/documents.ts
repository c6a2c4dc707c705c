/** Documents for the tests of the renderer: the CommonMark examples, and random ones out of a seed. */
import { createRequire } from "node:module";

interface SpecExample {
  markdown: string;
  html: string;
  section: string;
  number: number;
}

/** The examples of CommonMark 0.31.2; `→` stands for a tab in the specification. */
export const EXAMPLES: SpecExample[] = createRequire(import.meta.url)("commonmark-spec").tests.map(
  (example: SpecExample) => ({
    ...example,
    markdown: example.markdown.replaceAll("→", "\t"),
    html: example.html.replaceAll("→", "\t"),
  }),
);

/** A source of numbers in [0, 1) that repeats for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PIECES = [
  "word",
  "two words",
  "**bold**",
  "*em*",
  "`code`",
  "~~gone~~",
  "[link](https://example.com/a)",
  "[ref]",
  "![alt](https://example.com/i.png)",
  "https://example.com/x.",
  "$x^2$",
  "$5 and $6",
  "\\(a+b\\)",
  "\\*",
  "&amp;",
  "<b>raw</b>",
  "<sub>2",
  "</sub>",
  "<br>",
  "**重点。**请",
  "设$x$为",
  "[^1]",
  "\u202e",
  "😀",
  "*",
  "_",
  "`",
  "**",
  "[",
  "](",
  "|",
  "~~",
  "$",
  "$$",
  "\\[",
];
const LINES = [
  "",
  "",
  "",
  "# Heading",
  "## Two ##",
  "===",
  "---",
  "***",
  "- item",
  "- [x] done",
  "* star",
  "+ plus",
  "1. one",
  "2) two",
  "  - nested",
  "   text",
  "    code",
  "\ttab",
  "> quote",
  "> - in quote",
  ">",
  "```",
  "```python",
  "~~~",
  "  ```js",
  "````",
  "| a | b |",
  "|---|:-:|",
  "| 1 | 2 |",
  "a | b",
  "--- | ---",
  "[ref]: https://example.com/r",
  "[other]: <https://example.com/o>",
  "  'title'",
  "$$",
  "$$x$$",
  "\\[",
  "\\]",
  "<div>",
  "[^1]: a note",
  "<details>",
  "<summary>more</summary>",
  "</details>",
  "\\begin{align}",
  "\\end{align}",
  "</div>",
  "- | a | b |",
  "  |---|---|",
];

/** A random document with all constructs of Markdown. */
export function randomDocument(next: () => number): string {
  const lines = Array.from({ length: 1 + Math.floor(next() * 24) }, () => randomLine(next));
  return lines.join("\n") + (next() < 0.5 ? "\n" : "");
}

function randomLine(next: () => number): string {
  const line = pick(LINES, next);
  if (next() < 0.5) return line;
  const pieces = Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(PIECES, next));
  return [line, ...pieces].filter(Boolean).join(" ");
}

function pick<T>(from: readonly T[], next: () => number): T {
  return from[Math.floor(next() * from.length)] as T;
}

/** Answers as models write them: every construct, more blocks than one section holds. */
export function answers(): string[] {
  return [1, 2, 3].map((seed) => {
    const next = random(seed);
    return Array.from({ length: 60 }, (_, i) => pick(BLOCKS, next).replaceAll("N", String(i))).join("\n\n");
  });
}

const BLOCKS = [
  "## Part N: what it is",
  'Some **bold N** text with *emphasis*, `code_N`, ~~old~~ and [a link](https://example.com/N "title").\nA second line, and https://example.com/bare/N.',
  "- one N\n- **two**\n  - nested `N`\n  - and more\n- three",
  "1. first N\n\n   with a paragraph\n2. second\n   ```bash\n   echo N\n   ls -l\n   ```\n3. third",
  "- [x] done N\n- [ ] to do",
  "```python\ndef f_N(x):\n    return x + N  # plain\n```",
  "~~~\nno language N\n\n```\nnot the end\n~~~",
  "| name | value |\n|:-----|------:|\n| a N | *1* |\n| b | `2` |\n| c | **3** |",
  "> quoted N\n> > deeper\n>\n> - in a list",
  "Euler: $e^{i\\pi_N} + 1 = 0$ costs $5 or \\(x_N\\).",
  "$$\n\\sum_{n=N}^\\infty \\frac{1}{n^2}\n$$",
  "\\[ a_N^2 + b^2 = c^2 \\]",
  "Title N\n=======",
  "![A chart N](https://example.com/N.png)",
  "    indented N\n    code",
  "---",
  "See [the source N][src] and ![logo][src].\n\n[src]: https://example.com/src",
];
