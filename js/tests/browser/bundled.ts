/** Scripts of tests for their pages. */

import { build } from "esbuild";

const built = new Map<string, Promise<string>>();

/** The script of a page, built once for all pages of a file of tests. */
export function bundled(entry: string): Promise<string> {
  const script = built.get(entry) ?? bundle(entry);
  built.set(entry, script);
  return script;
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "iife", write: false });
  return outputFiles[0]?.text ?? "";
}
