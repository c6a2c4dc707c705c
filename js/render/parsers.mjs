/**
 * markdown-it's two parsers without the rest of it (its HTML renderer, its typographer, its presets), which
 * our renderer does not use and no bundler can remove: the package is one file, and one class refers to all
 * of it.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PACKAGE = path.dirname(createRequire(import.meta.url).resolve("markdown-it/package.json"));
/** Below a folder of the package's name, so that the package counts as one whose code is bundled. */
const TARGET = path.join(import.meta.dirname, "../build/node_modules/markdown-it/parsers.mjs");
/** Our own code splits table rows, without dropping cells. */
const ROWS = path.join(import.meta.dirname, "rows.ts");
const SPLIT = "escapedSplit(lineText)";
const EXPORTS = "export { ParserBlock, ParserInline, helpers_exports as helpers, unescapeAll };\n";

/** Sections removed from the package's file, between two marks or to the end. */
const LEFT_OUT = [
  ["import * as mdurl ", "\n"],
  ["import { LinkifyIt } ", "\n"],
  ["import punycode ", "\n"],
  ["\tmdurl,", "\tucmicro"],
  ["//#region src/renderer.ts", "//#endregion"],
  ["//#region src/markdownit.ts"],
  ["function escapedSplit(", "function table("],
  // HTML is not supported.
  ["//#region src/common/html_blocks.ts", "//#region src/rules_block/heading.ts"],
  ['\t[\n\t\t"html_block",', '\t[\n\t\t"heading",'],
  ["//#region src/rules_inline/html_inline.ts", "//#region src/rules_inline/entity.ts"],
  ['\t["html_inline", html_inline],', "\n"],
];

/** Writes the file, and returns its path. */
export function writeParsers() {
  const source = readFileSync(path.join(PACKAGE, "dist/markdown-it.mjs"), "utf8");
  const parsers = LEFT_OUT.reduce((text, [from, to]) => without(text, from, to), source);
  mkdirSync(path.dirname(TARGET), { recursive: true });
  writeFileSync(TARGET, withOwnRows(parsers) + EXPORTS);
  return TARGET;
}

/** markdown-it splits the head of a table first, then each row of its body. */
function withOwnRows(parsers) {
  const [before, between, after, ...more] = parsers.split(SPLIT);
  if (after === undefined || more.length) throw new Error(changed(SPLIT));
  const imported = `import { splitHead, splitRow } from ${JSON.stringify(ROWS)};\n`;
  const [head, row] = ["splitHead(lineText, aligns.length)", "splitRow(lineText, columnCount)"];
  return imported + before + head + between + row + after;
}

function changed(text) {
  return `markdown-it is not as js/render/parsers.mjs knows it: look for "${text}".`;
}

function without(text, from, to) {
  const [before, rest, ...more] = text.split(from);
  const after = to === undefined ? rest?.length : rest?.indexOf(to);
  if (after === undefined || after < 0 || more.length) {
    throw new Error(changed(from));
  }
  return before + rest.slice(after);
}
