/** A page in a real Chromium with the renderer in it, and a server on loopback that sees every request it makes. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { launch } from "../chromium";
import { pageHtml } from "./page.mjs";

/** A request that the page made. */
export interface Seen {
  path: string;
  referer: string | undefined;
}

export class Stage {
  private constructor(
    readonly page: Page,
    readonly origin: string,
    /** Every request but that for the page itself. */
    readonly seen: Seen[],
    private readonly server: Server,
  ) {}

  /** Opens an empty page that has `drawing.ts` and the stylesheet. */
  static async open(): Promise<Stage> {
    const seen: Seen[] = [];
    const server = await listen(await pageHtml(), seen);
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const browser = await launch();
    const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    await page.goto(`${origin}/`);
    return new Stage(page, origin, seen, server);
  }

  async close(): Promise<void> {
    await this.page.context().browser()?.close();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function listen(html: string, seen: Seen[]): Promise<Server> {
  const server = createServer((request, response) => {
    const first = request.url === "/";
    if (!first) seen.push({ path: request.url ?? "", referer: request.headers.referer });
    response.writeHead(first ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end(first ? html : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
