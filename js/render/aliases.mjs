/**
 * Stand-ins for markdown-it's dependencies, for esbuild's and Vite's `alias`: package name to file.
 *
 * They take 22 KB gzipped out of the bundle. markdown-it never reaches the parts that are missing: links are judged
 * by urls.ts, bare URLs found by bare-url.ts.
 */
import { fileURLToPath } from "node:url";

const file = (name) => fileURLToPath(new URL(`./shims/${name}.ts`, import.meta.url));

export default {
  entities: file("entities"),
  "linkify-it": file("linkify-it"),
  mdurl: file("mdurl"),
  "punycode.js": file("punycode"),
  "uc.micro": file("uc-micro"),
};
