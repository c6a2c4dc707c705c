/**
 * Builds what the Python package ships: the widgets' modules and stylesheets and the page of
 * `nbstream serve --ui` (`nbstream/static/`), and the prebuilt JupyterLab extension
 * (`nbstream/labextension/`). Needs no network.
 *
 *     npm run build
 */

import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { buildPage } from "./react/build.mjs";
import aliases from "./render/aliases.mjs";

const HERE = import.meta.dirname;
const STATIC = path.join(HERE, "../nbstream/static");
const ASSETS = path.join(STATIC, "assets");
const LABEXTENSION = path.join(HERE, "../nbstream/labextension");
const STAGING = path.join(HERE, "build/labextension");

/** In bytes. Each widget instance sends the whole module over its comm, so the raw size counts as well. */
const LIMITS = {
  // 500 bytes of it are the way to the inspector, which is itself a module of its own.
  "widget.js": { raw: 200_000, gzip: 70_500 },
  "widget.css": { raw: 40_000, gzip: 6_000 },
  "chat.js": { raw: 220_000, gzip: 78_000 },
  "chat.css": { raw: 40_000, gzip: 7_000 },
  "inspector.js": { raw: 60_000, gzip: 22_000 },
  "math.js": { raw: 220_000, gzip: 65_000 },
};

const OPTIONS = {
  absWorkingDir: HERE,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { "process.env.NODE_ENV": '"production"' },
  alias: aliases,
  logLevel: "warning",
  metafile: true,
};

await buildStatic();
await buildLabextension();
await buildPage();

async function buildStatic() {
  const entryPoints = { widget: "widget/index.ts", chat: "chat/index.ts" };
  const { metafile } = await build({ ...OPTIONS, entryPoints, outdir: STATIC });
  const styles = { widget: "view/style.css", chat: "chat/chat.css" };
  await build({ ...OPTIONS, entryPoints: styles, outdir: STATIC });
  for (const name of ["widget.js", "widget.css", "chat.js", "chat.css"]) {
    checkSize(name, await readFile(path.join(STATIC, name)));
  }
  const notices = await licenses([metafile, await buildAssets()]);
  await writeFile(path.join(STATIC, "third-party-licenses.txt"), notices);
}

/** Modules that a widget asks its kernel for when it needs them. */
async function buildAssets() {
  const entryPoints = { inspector: "inspector/index.tsx", math: "math/index.ts" };
  const options = { ...OPTIONS, entryPoints, outdir: ASSETS, write: false };
  const { outputFiles, metafile } = await build(options);
  await mkdir(ASSETS, { recursive: true });
  for (const { path: file, contents } of outputFiles) {
    checkSize(path.basename(file), contents);
    await writeFile(`${file}.gz`, gzipSync(contents, { level: 9 }));
  }
  return metafile;
}

/**
 * The JupyterLab builder knows neither TypeScript nor our aliases: it wraps what esbuild has bundled. What is
 * imported when it is needed (`splitting`) stays a file of its own, for the browser as well.
 */
async function buildLabextension() {
  await rm(STAGING, { recursive: true, force: true });
  await build({
    ...OPTIONS,
    entryPoints: { index: "labextension/index.ts", style: "view/style.css" },
    external: ["@jupyterlab/*", "@lumino/*"],
    splitting: true,
    outdir: STAGING,
  });
  await writeFile(path.join(STAGING, "package.json"), JSON.stringify(await labextensionManifest(), null, 2));
  await mkdir(LABEXTENSION, { recursive: true });
  runJupyterBuilder();
  await copyFile(path.join(HERE, "labextension/install.json"), path.join(LABEXTENSION, "install.json"));
}

async function labextensionManifest() {
  const { version, license } = JSON.parse(await readFile(path.join(HERE, "package.json"), "utf8"));
  const manifest = JSON.parse(await readFile(path.join(HERE, "labextension/manifest.json"), "utf8"));
  manifest.jupyterlab.outputDir = path.relative(STAGING, LABEXTENSION);
  return { ...manifest, version, license };
}

function runJupyterBuilder() {
  const { resolve } = createRequire(import.meta.url);
  const builder = path.join(HERE, "node_modules/@jupyter/builder/lib/build-labextension.js");
  const core = resolve("@jupyterlab/core-meta/core.package.json");
  try {
    execFileSync(process.execPath, [builder, "--core-package-file", core, STAGING], { encoding: "utf8" });
  } catch (error) {
    throw new Error(`The JupyterLab extension could not be built:\n${error.stdout}${error.stderr}`);
  }
}

function checkSize(name, content) {
  const sizes = { raw: content.length, gzip: gzipSync(content).length };
  console.log(`${name}: ${kilobytes(sizes.raw)}, ${kilobytes(sizes.gzip)} gzipped`);
  for (const [kind, limit] of Object.entries(LIMITS[name])) {
    if (sizes[kind] > limit) {
      throw new Error(
        `${name} is ${kilobytes(sizes[kind])} (${kind}), above its limit of ${kilobytes(limit)}. ` +
          "Take something out, or raise the limit in js/build.mjs and say why.",
      );
    }
  }
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** The licence texts of the packages whose code is in the bundle, as their licences ask for. */
async function licenses(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const packages = inputs.map((input) => input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  const texts = [...new Set(packages)].filter(Boolean).sort().map(licenseText);
  return (await Promise.all(texts)).join("\n");
}

async function licenseText(name) {
  const folder = path.join(HERE, "node_modules", name);
  const { version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const text = await readFile(path.join(folder, "LICENSE"), "utf8");
  return `${name} ${version}\n${"=".repeat(78)}\n${text.trim()}\n`;
}
