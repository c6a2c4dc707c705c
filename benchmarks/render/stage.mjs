/** A Chromium, and pages in it with `page.ts` and the clock of their main thread. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import aliases from "../../js/render/aliases.mjs";

const require = createRequire(new URL("../../js/package.json", import.meta.url));
const { build } = require("esbuild");
const { chromium } = require("playwright-core");

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"];

export const file = (path) => new URL(path, import.meta.url);

export class Stage {
  #browser;
  #bundle;
  #css;

  static async open() {
    const stage = new Stage();
    stage.#browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? BROWSERS.find(existsSync),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    stage.#bundle = await bundled();
    stage.#css = await readFile(file("../../js/render/render.css"), "utf8");
    return stage;
  }

  close() {
    return this.#browser.close();
  }

  /**
   * Runs `measure(page, cpu)` on a fresh page; `cpu()` returns the busy time of its main thread so far, in
   * ms.
   */
  async run(measure) {
    const page = await this.#browser.newPage({ viewport: { width: 900, height: 700 } });
    await page.setContent("<!doctype html><meta charset=utf-8><body>");
    await page.addStyleTag({ content: this.#css });
    await page.addScriptTag({ content: this.#bundle });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    const result = await measure(page, () => taskDuration(devtools));
    await page.close();
    return result;
  }
}

/** The naive renderer's linkifier, though never called, needs more of uc.micro than its stand-in has. */
const { "uc.micro": _, ...alias } = aliases;

async function bundled() {
  const result = await build({
    entryPoints: [file("page.ts").pathname],
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "bench",
    alias,
    nodePaths: [file("../../js/node_modules").pathname],
    write: false,
  });
  return result.outputFiles[0].text;
}

async function taskDuration(devtools) {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
}
