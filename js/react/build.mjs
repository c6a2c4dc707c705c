/**
 * Builds the package (`dist/`) and, with `--ui`, the page that `nbstream serve --ui` serves.
 *
 *     npm run build
 */

import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { build as bundle } from "esbuild";

const HERE = import.meta.dirname;

export async function buildPackage() {
  await rm(path.join(HERE, "dist"), { recursive: true, force: true });
  await bundle({
    absWorkingDir: HERE,
    entryPoints: ["src/index.ts"],
    outdir: "dist",
    bundle: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    sourcemap: true,
  });
  const require = createRequire(import.meta.url);
  const compiler = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  execFileSync(process.execPath, [compiler, "--project", "tsconfig.build.json"], {
    cwd: HERE,
    stdio: "inherit",
  });
}

/** Builds the example into `nbstream/static/ui`; returns the names of the bundled modules. */
export async function buildPage() {
  const { build } = await import("vite");
  const { output } = await build({ root: path.join(HERE, "example"), logLevel: "warn" });
  return output.flatMap(({ moduleIds }) => moduleIds ?? []);
}

if (import.meta.filename === process.argv[1]) {
  await (process.argv.includes("--ui") ? buildPage() : buildPackage());
}
