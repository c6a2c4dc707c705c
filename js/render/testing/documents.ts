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
  "word", "two words", "**bold**", "*em*", "`code`", "~~gone~~", "[link](https://example.com/a)", "[ref]", "![alt](https://example.com/i.png)",
  "https://example.com/x.", "$x^2$", "$5 and $6", "\\(a+b\\)", "\\*", "&amp;", "<b>raw</b>", "\u202e", "😀", "*", "_", "`", "**", "[", "](", "|", "~~", "$", "$$", "\\[",
];
const LINES = [
  "", "", "", "# Heading", "## Two ##", "===", "---", "***", "- item", "- [x] done", "* star", "+ plus", "1. one", "2) two", "  - nested", "   text", "    code", "\ttab",
  "> quote", "> - in quote", ">", "```", "```python", "~~~", "  ```js", "````", "| a | b |", "|---|:-:|", "| 1 | 2 |", "a | b", "--- | ---", "[ref]: https://example.com/r", "[other]: <https://example.com/o>", "  'title'",
  "$$", "$$x$$", "\\[", "\\]", "<div>", "</div>", "- | a | b |", "  |---|---|",
];

/** A random document: an unlikely pile of everything that Markdown knows. */
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

/** `text` in pieces of `size` UTF-16 units; 0 takes it whole. */
export function pieces(text: string, size: number): string[] {
  const step = size || Math.max(text.length, 1);
  return Array.from({ length: Math.ceil(text.length / step) }, (_, i) => text.slice(i * step, (i + 1) * step));
}
