/**
 * Main-thread time of the renderer against the naive one, in the same Chromium run.
 *
 *     node benchmarks/render/run.mjs [rows…]     e.g. 10k 100k 1m fence list table paragraph quote
 *
 * Figures are CPU milliseconds of the page's main thread (DevTools `TaskDuration` in thread ticks). A run that
 * exceeds its budget is stopped and its whole extrapolated from what it took so far, by a fit of a·f + b·f² over
 * the fraction f that was drawn; such figures are marked with "~".
 */
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import aliases from "../../js/render/aliases.mjs";
import { mixed, single } from "./fixtures.mjs";

const require = createRequire(new URL("../../js/package.json", import.meta.url));
const { build } = require("esbuild");
const { chromium } = require("playwright-core");
const file = (path) => new URL(path, import.meta.url);

const ROWS = {
  "10k": { text: mixed(10_000), size: 128, budget: 60 },
  "100k": { text: mixed(100_000), size: 128, budget: 25 },
  "1m": { text: mixed(1_000_000), size: 1024, budget: 25 },
  ...Object.fromEntries(
    Object.keys({ fence: 0, list: 0, table: 0, paragraph: 0, quote: 0 }).map((kind) => [
      kind,
      { text: single(kind, 100_000), size: 64, budget: 15 },
    ]),
  ),
};
const PARTS = 10;

const wanted = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const bundle = await bundled();
const css = await readFile(file("../../js/render/render.css"), "utf8");
console.log("row        ours ms   naive ms   ratio   last/first tenth   script ms/frame   end ms");
for (const [name, row] of Object.entries(ROWS)) {
  if (wanted.length && !wanted.includes(name)) continue;
  report(name, await measure("ours", row), await measure("naive", row));
}
await browser.close();

async function bundled() {
  const result = await build({
    entryPoints: [file("page.ts").pathname],
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "bench",
    alias: aliases,
    nodePaths: [file("../../js/node_modules").pathname],
    write: false,
  });
  return result.outputFiles[0].text;
}

async function measure(kind, { text, size, budget }) {
  const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  await page.setContent("<!doctype html><meta charset=utf-8><body>");
  await page.addStyleTag({ content: css });
  await page.addScriptTag({ content: bundle });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.evaluate(([k, t]) => bench.start(k, t), [kind, text]);
  const frames = Math.ceil(text.length / size);
  const parts = [];
  let script = 0;
  for (let part = 0; part < PARTS && sum(parts) < budget * 1000; part++) {
    const before = await cpu(cdp);
    script += await page.evaluate(([n, s]) => bench.advance(n, s), [Math.ceil(frames / PARTS), size]);
    parts.push((await cpu(cdp)) - before);
  }
  const end = parts.length === PARTS ? await page.evaluate(() => bench.finish()) : Number.NaN;
  await page.close();
  return { parts, script: script / frames, end };
}

async function cpu(cdp) {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find((metric) => metric.name === "TaskDuration").value * 1000;
}

function report(name, ours, naive) {
  const [mine, theirs] = [whole(ours.parts), whole(naive.parts)];
  const columns = [
    name.padEnd(9),
    figure(mine, ours.parts, 9),
    figure(theirs, naive.parts, 10),
    (theirs / mine).toFixed(1).padStart(7),
    (ours.parts.at(-1) / ours.parts[0]).toFixed(1).padStart(18),
    ours.script.toFixed(2).padStart(17),
    ours.end.toFixed(0).padStart(8),
  ];
  console.log(columns.join(" "));
}

function figure(total, parts, width) {
  return `${parts.length < PARTS ? "~" : ""}${total.toFixed(0)}`.padStart(width);
}

/** CPU of the whole answer: measured, or a least-squares fit of a·f + b·f² through the totals so far. */
function whole(parts) {
  if (parts.length === PARTS) return sum(parts);
  let [ff, fff, ffff, yf, yff] = [0, 0, 0, 0, 0];
  let total = 0;
  for (const [i, part] of parts.entries()) {
    const f = (i + 1) / PARTS;
    total += part;
    ff += f ** 2;
    fff += f ** 3;
    ffff += f ** 4;
    yf += total * f;
    yff += total * f ** 2;
  }
  const determinant = ff * ffff - fff ** 2;
  const a = (yf * ffff - yff * fff) / determinant;
  const b = (ff * yff - fff * yf) / determinant;
  return a + b;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
