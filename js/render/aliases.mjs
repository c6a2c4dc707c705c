/**
 * Replacements for markdown-it and its dependencies, for esbuild's and Vite's `alias`: package name to file.
 *
 * Together they take 27 KB gzipped out of the bundle, in which markdown-it tokenizes and does nothing else: links are
 * judged by urls.ts, bare URLs found by bare-url.ts.
 */
import { fileURLToPath } from "node:url";
import { writeParsers } from "./parsers.mjs";

const file = (name) => fileURLToPath(new URL(`./shims/${name}.ts`, import.meta.url));

export default {
  "markdown-it/parsers": writeParsers(),
  entities: file("entities"),
  "uc.micro": file("uc-micro"),
};
