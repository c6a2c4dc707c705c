import type { LanguageFn } from "highlight.js";
import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import diff from "highlight.js/lib/languages/diff";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

/**
 * The languages that are coloured: those of notebooks, the web and configuration. Others stay plain.
 *
 * JavaScript is read by TypeScript's grammar, which contains its own: two copies would cost 6.5 KB.
 */
export const GRAMMARS: Record<string, LanguageFn> = {
  bash,
  cpp,
  diff,
  json,
  julia,
  python,
  r,
  sql,
  typescript,
  xml,
  yaml,
};

/** Names used in answers besides the grammars' own aliases. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ["c", "cpp"],
  ["cjs", "typescript"],
  ["ipython", "python"],
  ["ipython3", "python"],
  ["javascript", "typescript"],
  ["js", "typescript"],
  ["jsx", "typescript"],
  ["mjs", "typescript"],
  ["python3", "python"],
  ["shell", "bash"],
]);
