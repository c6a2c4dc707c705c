/** The built inspector in a real page: its module as the kernel sends it, the widget's stylesheet around it. */

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { bundled } from "../bundled";

const STATIC = path.join(import.meta.dirname, "../../../../nbstream/static");
const MODULE = gunzipSync(readFileSync(path.join(STATIC, "assets/inspector.js.gz"))).toString();
const CSS = readFileSync(path.join(STATIC, "widget.css"), "utf8");

export class InspectorStage {
  readonly errors: string[] = [];
  readonly requests: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly server: Server,
  ) {}

  static async open(
    browser: Browser,
    theme: "light" | "dark" = "light",
    context: BrowserContextOptions = {},
  ): Promise<InspectorStage> {
    const server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(
        `<!doctype html><html lang="en"><title>stage</title><body data-theme="${theme}"><main></main></body></html>`,
      );
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const own = await browser.newContext({ viewport: { width: 860, height: 720 }, ...context });
    const stage = new InspectorStage(await own.newPage(), server);
    await stage.#load(theme);
    return stage;
  }

  get root() {
    return this.page.locator(".nbi");
  }

  get grid() {
    return this.page.getByRole("grid");
  }

  /** Shows a reply of so many rows that the kernel has. */
  async show(count: number): Promise<void> {
    await this.page.evaluate((count) => {
      const pull = async (from: number) => {
        window.pulled.push(from);
        return window.pageOf(from, count);
      };
      const host = document.querySelector("main") as HTMLElement;
      window.unmount = window.inspector.mountInspector(host, { pull });
    }, count);
    await this.page.getByText(`${count.toLocaleString("en")} rows`, { exact: true }).waitFor();
  }

  async close(): Promise<void> {
    await this.page.context().close();
    this.server.closeAllConnections();
    this.server.close();
  }

  async #load(theme: string): Promise<void> {
    const { port } = this.server.address() as AddressInfo;
    this.page.on("pageerror", (error) => this.errors.push(error.message));
    await this.page.goto(`http://127.0.0.1:${port}/`);
    this.page.on("request", (request) => this.requests.push(request.url()));
    const dark = theme === "dark" ? "body{background:#0d1117}" : "";
    await this.page.addStyleTag({ content: CSS + dark });
    const entry = path.join(import.meta.dirname, "pages.ts");
    await this.page.addScriptTag({ content: await bundled(entry) });
    await this.page.evaluate((esm) => window.openInspector(esm), MODULE);
    this.requests.length = 0;
  }
}
