/** A real page in a real browser, served over loopback as a Jupyter server would. */

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import type { Frame } from "../../../core/protocol";
import { bundled } from "../bundled";
import type { Received, Sent, Traits } from "./host";

const STATIC = path.join(import.meta.dirname, "../../../../nbstream/static");

export interface Request {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
}

export interface StageOptions {
  /** The module of `nbstream/static` that is tested (default "widget"). */
  bundle?: "widget" | "chat";
  /** A trait of the chat (default 480). */
  height?: number;
  theme?: "light" | "dark";
  /** Without it the page is not one of a Jupyter server and no interrupt can be sent. */
  jupyter?: boolean;
  context?: BrowserContextOptions;
  /** Time stands still until the test moves it with `page.clock`. */
  frozen?: boolean;
}

export class Stage {
  /** What the server was asked for besides the page itself. */
  readonly requests: Request[] = [];
  readonly errors: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly server: Server,
  ) {}

  static async open(
    browser: Browser,
    snapshot: Traits["snapshot"],
    options: StageOptions = {},
  ): Promise<Stage> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const context = await browser.newContext({ viewport: { width: 820, height: 640 }, ...options.context });
    const stage = new Stage(await context.newPage(), server);
    if (options.frozen) await stage.page.clock.install({ time: 0 });
    await stage.#serve(options);
    await stage.#load({ kernel_id: "0b3c-kernel", height: options.height ?? 480, snapshot }, options.bundle);
    return stage;
  }

  async close(): Promise<void> {
    await this.page.context().close();
    this.server.closeAllConnections();
    this.server.close();
  }

  get root() {
    return this.page.locator(".nbstream");
  }

  async receive(...messages: Received[]): Promise<void> {
    await this.page.evaluate((all) => {
      for (const message of all) window.host.receive(message);
    }, messages);
  }

  /** The names of the commands that Python was sent. */
  async sent(): Promise<string[]> {
    return (await this.commands()).map((command) => command.name);
  }

  /** All but what the loader says. */
  async commands(): Promise<Sent[]> {
    return this.page.evaluate(() => window.host.sent.filter(({ name }) => name !== "loaded"));
  }

  /** Answers the last command of that name: by an acknowledgement, or by what it returned. */
  async answer(name: string, data?: unknown): Promise<void> {
    const n = await this.#numberOf(name);
    await this.receive(data === undefined ? { t: "ack", n, name } : { t: "result", n, name, data });
  }

  /** Refuses the last command of that name. */
  async refuse(name: string, message: string): Promise<void> {
    await this.receive({ t: "refused", n: await this.#numberOf(name), name, message });
  }

  async #numberOf(name: string): Promise<number> {
    await expect.poll(() => this.sent()).toContain(name);
    return (await this.commands()).filter((sent) => sent.name === name).at(-1)?.n ?? 0;
  }

  async #serve({ theme = "light", jupyter = true }: StageOptions): Promise<void> {
    const html = pageSource(theme, jupyter, await bundled(path.join(import.meta.dirname, "host.ts")));
    this.server.on("request", (request, response) => {
      const { method = "", url = "", headers } = request;
      if (method === "GET" && url === "/") {
        response.setHeader("Set-Cookie", "_xsrf=2|test");
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        response.end(html);
        return;
      }
      if (url !== "/favicon.ico") this.requests.push({ method, path: url, headers });
      response.statusCode = 204;
      response.end();
    });
  }

  async #load(traits: Traits, bundle = "widget"): Promise<void> {
    const { port } = this.server.address() as AddressInfo;
    this.page.on("pageerror", (error) => this.errors.push(error.message));
    await this.page.goto(`http://127.0.0.1:${port}/`);
    await this.page.addStyleTag({ content: await readFile(path.join(STATIC, `${bundle}.css`), "utf8") });
    const esm = await readFile(path.join(STATIC, `${bundle}.js`), "utf8");
    await this.page.evaluate(
      async ({ esm, traits }) => {
        window.host = new window.WidgetHost(traits);
        await window.host.open(esm);
        window.views.push(window.host.show());
      },
      { esm, traits },
    );
  }
}

/** Patches that bring `text` to a reply of which nothing was sent yet, one per piece. */
export function framesOf(pieces: string[], firstSeq = 1): Frame[] {
  let offset = 0;
  return pieces.map((piece, index) => {
    const frame: Frame = { t: "frame", seq: firstSeq + index, status: "streaming", text: [offset, piece] };
    offset += piece.length;
    return frame;
  });
}

/** The colours are those of JupyterLab's own themes, so that screenshots show what users see. */
function pageSource(theme: "light" | "dark", jupyter: boolean, script: string): string {
  const config = jupyter
    ? `<script id="jupyter-config-data" type="application/json">{"baseUrl":"/lab/","token":"secret"}</script>`
    : "";
  return `<!doctype html><html lang="en"><head><title>stage</title>${config}<style>${THEMES[theme]}
    body { margin: 0; padding: 16px; background: var(--jp-layout-color0); font-family: system-ui; }
    .view + .view { margin-top: 12px; }</style></head>
    <body data-jp-theme-light="${theme === "light"}"><main></main><script>${script}</script></body></html>`;
}

const THEMES = {
  light: `:root { --jp-layout-color0: white; --jp-layout-color2: #eee; --jp-content-font-color1: rgba(0,0,0,.87);
    --jp-border-color2: #e0e0e0; --jp-cell-editor-background: #f5f5f5;
    --jp-content-link-color: #0d47a1; --jp-error-color1: #d32f2f; --jp-warn-color1: #f57c00; }`,
  dark: `:root { --jp-layout-color0: #111; --jp-layout-color2: #424242; --jp-content-font-color1: #fff;
    --jp-border-color2: #424242; --jp-cell-editor-background: #212121;
    --jp-content-link-color: #64b5f6; --jp-error-color1: #f44336; --jp-warn-color1: #ff9800; }`,
};
