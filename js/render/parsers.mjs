/**
 * markdown-it's two parsers without the rest of it (its HTML renderer, its typographer, its presets), which our
 * renderer never reaches and no bundler can leave out: the package is one file, and one class refers to all of it.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PACKAGE = path.dirname(createRequire(import.meta.url).resolve("markdown-it/package.json"));
/** Below a folder of the package's name, so that the package counts as one whose code is bundled. */
const TARGET = path.join(import.meta.dirname, "../build/node_modules/markdown-it/parsers.mjs");
const EXPORTS = "export { ParserBlock, ParserInline, helpers_exports as helpers, unescapeAll };\n";

/** What is left out of the package's file, from the one mark up to the other or to the end. */
const LEFT_OUT = [
  ["import * as mdurl ", "\n"],
  ["import { LinkifyIt } ", "\n"],
  ["import punycode ", "\n"],
  ["\tmdurl,", "\tucmicro"],
  ["//#region src/renderer.ts", "//#endregion"],
  ["//#region src/markdownit.ts"],
];

/** Writes the file, and gives its place. */
export function writeParsers() {
  const source = readFileSync(path.join(PACKAGE, "dist/markdown-it.mjs"), "utf8");
  const parsers = LEFT_OUT.reduce((text, [from, to]) => without(text, from, to), source);
  mkdirSync(path.dirname(TARGET), { recursive: true });
  writeFileSync(TARGET, parsers + EXPORTS);
  return TARGET;
}

function without(text, from, to) {
  const [before, rest, ...more] = text.split(from);
  const after = to === undefined ? rest?.length : rest?.indexOf(to);
  if (after === undefined || after < 0 || more.length) {
    throw new Error(`markdown-it is not as js/render/parsers.mjs knows it: look for "${from}".`);
  }
  return before + rest.slice(after);
}
