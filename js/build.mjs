/**
 * Builds what the Python package ships: the widgets' modules and stylesheets and the page of
 * `nbstream serve --ui` (`nbstream/static/`), and the prebuilt JupyterLab extension
 * (`nbstream/labextension/`). Needs no network.
 *
 *     npm run build
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { asText, licensesOf, packagesOf } from "./licenses.mjs";
import { buildPage } from "./react/build.mjs";
import aliases from "./render/aliases.mjs";

const HERE = import.meta.dirname;
const STATIC = path.join(HERE, "../nbstream/static");
const ASSETS = path.join(STATIC, "assets");
const LABEXTENSION = path.join(HERE, "../nbstream/labextension");
const STAGING = path.join(HERE, "build/labextension");

/**
 * In bytes. Every page evaluates the whole module, so the raw size counts as well. The first figures were 70 and 78 kB;
 * images, sources, HTML tags, CJK rules and the settings of a chat took what was left of them.
 */
const LIMITS = {
  "widget.js": { raw: 206_000, gzip: 74_000 },
  "widget.css": { raw: 40_000, gzip: 6_000 },
  "chat.js": { raw: 230_000, gzip: 82_000 },
  "chat.css": { raw: 40_000, gzip: 7_000 },
  "grid.js": { raw: 206_000, gzip: 74_000 },
  "grid.css": { raw: 40_000, gzip: 7_000 },
  "batch.js": { raw: 60_000, gzip: 22_000 },
  "batch.css": { raw: 20_000, gzip: 5_000 },
  "inspector.js": { raw: 60_000, gzip: 22_000 },
  "math.js": { raw: 220_000, gzip: 65_000 },
};

/** What the JupyterLab builder adds: the loaders of its style sheet, and the runtime of its bundler. */
const BUILDER_CODE = ["css-loader", "style-loader", "@rspack/core"].map(
  (name) => `node_modules/${name}/index.js`,
);

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

const bundled = [...(await buildStatic()), ...(await buildLabextension()), ...(await buildPage())];
await writeFile(
  path.join(STATIC, "third-party-licenses.txt"),
  asText(await licensesOf(packagesOf(bundled, HERE))),
);

/** Returns the names of the bundled modules, like the other two. */
async function buildStatic() {
  const entryPoints = {
    widget: "widget/index.ts",
    chat: "chat/index.ts",
    grid: "grid/index.ts",
    batch: "batch/index.ts",
  };
  const { outputFiles, metafile } = await build({ ...OPTIONS, entryPoints, outdir: STATIC, write: false });
  for (const { path: file, contents } of outputFiles) await buildLoaders(path.basename(file), contents);
  const styles = {
    widget: "reply/style.css",
    chat: "chat/chat.css",
    grid: "grid/grid.css",
    batch: "batch/batch.css",
  };
  await build({ ...OPTIONS, entryPoints: styles, outdir: STATIC });
  for (const name of Object.keys(styles).map((name) => `${name}.css`))
    checkSize(name, await readFile(path.join(STATIC, name)));
  return [...Object.keys(metafile.inputs), ...(await buildAssets())];
}

/** The two forms in which a widget brings its module along, see js/loader. */
async function buildLoaders(file, contents) {
  checkSize(file, contents);
  const { name } = path.parse(file);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  const define = {
    ...OPTIONS.define,
    NBSTREAM_MODULE: JSON.stringify(`${name}-${hash}`),
    NBSTREAM_PACKED: JSON.stringify(gzipSync(contents, { level: 9 }).toString("base64")),
  };
  const entryPoints = { [name]: "loader/whole.ts", [`${name}-reference`]: "loader/reference.ts" };
  await build({ ...OPTIONS, define, entryPoints, outdir: STATIC });
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
  return Object.keys(metafile.inputs);
}

/**
 * The JupyterLab builder knows neither TypeScript nor our aliases: it wraps what esbuild has bundled. What is
 * imported when it is needed (`splitting`) stays a separate file, for the browser as well.
 */
async function buildLabextension() {
  await rm(STAGING, { recursive: true, force: true });
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: { index: "labextension/index.ts", style: "labextension/style.css" },
    external: ["@codemirror/*", "@jupyterlab/*", "@lumino/*"],
    splitting: true,
    outdir: STAGING,
  });
  await writeFile(path.join(STAGING, "package.json"), JSON.stringify(await labextensionManifest(), null, 2));
  await cp(path.join(HERE, "labextension/schema"), path.join(STAGING, "schema"), { recursive: true });
  await mkdir(LABEXTENSION, { recursive: true });
  runJupyterBuilder();
  await copyFile(path.join(HERE, "labextension/install.json"), path.join(LABEXTENSION, "install.json"));
  const modules = [...Object.keys(metafile.inputs), ...BUILDER_CODE];
  await addLicenses(modules);
  return modules;
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

/** JupyterLab lists the licences of its extensions; its builder sees those of its own loaders, and none of ours. */
async function addLicenses(modules) {
  const file = path.join(LABEXTENSION, "static/third-party-licenses.json");
  const packages = await licensesOf(packagesOf(modules, HERE));
  await writeFile(file, JSON.stringify({ packages }, null, 2));
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
