import { expect, it } from "vitest";
import { exposed, visible } from "./index";
import { drawn } from "./testing/drawing";

it.each([
  ["a\u202eb", "a[U+202E]b"],
  ["\u2066x\u2069", "[U+2066]x[U+2069]"],
  ["\u202a\u202b\u202c\u202d", "[U+202A][U+202B][U+202C][U+202D]"],
  ["\u0000\u001b[31m\u007f\u0085", "[U+0000][U+001B][31m[U+007F][U+0085]"],
])("%j reads %j", (text, shown) => {
  expect(visible(text)).toBe(shown);
});

it("leaves tabs, line ends, joiners, marks of direction and ordinary text alone", () => {
  const text = "\u200e\u200f\u061ca\tb\nc \u{1f468}\u200d\u{1f469} \u05d0\u05d1 \u00e9\u0301";
  expect(visible(text)).toBe(text);
});

it.each([
  ["a\u200b\u200db", "a[U+200B][U+200D]b"],
  ["\u{e0041}\u{e0001}", "[U+E0041][U+E0001]"],
  ["\u3164\u2028\ufeff\u00ad", "[U+3164][U+2028][U+FEFF][U+00AD]"],
  ["a\tb\nc \u{1f468} \u05d0", "a\tb\nc \u{1f468} \u05d0"],
])("%j of a call reads %j", (text, shown) => {
  expect(exposed(text)).toBe(shown);
});

it.each([
  ["in a paragraph", "safe\u202eevil"],
  ["in code", "`safe\u202eevil`"],
  ["in a fence", "```\nsafe\u202eevil\n```"],
  ["in a link's text", "[safe\u202eevil](https://example.com)"],
  ["in a formula", "$safe\u202eevil$"],
])("a hidden character %s is a glyph of its own", (_, text) => {
  const root = drawn(text);
  expect(root.querySelector(".nbs-hidden-char")?.textContent).toBe("[U+202E]");
  expect(root.textContent).not.toContain("\u202e");
});
