/** The prebuilt extension in a real browser, loaded through its container as JupyterLab loads it. */

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { INSPECTION_MIMETYPE } from "../../../core/inspection";
import { REPLY_MIMETYPE, type SavedReply } from "../../../core/protocol";
import { bundled } from "../bundled";
import { launch } from "../chromium";
import { pageOf } from "../inspector/pages";

const BUILT = path.join(import.meta.dirname, "../../../../nbstream/labextension");
const { _build: entry } = JSON.parse(readFileSync(path.join(BUILT, "package.json"), "utf8")).jupyterlab;

const FAILED: SavedReply = {
  v: 1,
  status: "failed",
  text: "Partial **answer**",
  reasoning: "",
  finish_reason: null,
  notices: [],
  error: {
    kind: "interrupted",
    type: "StreamInterruptedError",
    message: "The connection ended.",
    advice: "",
  },
  demo: false,
};

const model = (reply: unknown, trusted = true, nbstream: unknown = { model: "gpt-5-mini" }) => ({
  data: { [REPLY_MIMETYPE]: reply },
  metadata: { nbstream },
  trusted,
});

let browser: Browser;
let server: Server;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  server = createServer((request, response) => {
    const file = new URL(request.url ?? "/", "http://host").pathname;
    if (file.startsWith("/static/")) {
      response.setHeader("Content-Type", "text/javascript").end(readFileSync(path.join(BUILT, file)));
    } else {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end('<!doctype html><div class="cell"></div><div class="cell"></div>');
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(async () => {
  await browser.close();
  server.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.addScriptTag({ content: await bundled(path.join(import.meta.dirname, "lab.ts")) });
  await page.addScriptTag({ url: `/${entry.load}` });
});
afterEach(() => page.close());

type Saved = { data: Record<string, unknown>; metadata: Record<string, unknown>; trusted: boolean };

async function show(cell: number, saved: Saved): Promise<void> {
  await page.evaluate(
    async ({ cell, saved }) => {
      await window.lab.activate(window._JUPYTERLAB.nbstream as never);
      window.renderer = await window.lab.output(cell, saved);
    },
    { cell, saved },
  );
}

it("offers its plugins", async () => {
  const ids = await page.evaluate(() => window.lab.activate(window._JUPYTERLAB.nbstream as never));
  const names = ["replies", "chats", "documents", "prompts", "order", "commands", "panel", "status-bar"];
  expect(ids).toEqual(names.map((name) => `nbstream:${name}`));
});

it("draws a saved reply, and runs its cell again on Retry", async () => {
  await show(1, model(FAILED));
  await expect.poll(() => page.locator(".nbs-prose strong").textContent()).toBe("answer");
  await expect.poll(() => page.locator(".nbs-figures").textContent()).toBe("gpt-5-mini");
  await page.getByRole("button", { name: "Retry" }).click();
  await expect.poll(() => page.evaluate(() => window.lab.runs)).toEqual([1]);
});

it("offers no Retry in a notebook that is not trusted", async () => {
  await show(0, model(FAILED, false));
  await page.getByText("The connection ended.").waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Retry" }).count()).toBe(0);
});

it("offers no Retry outside a notebook", async () => {
  await show(7, model(FAILED));
  await page.getByText("The connection ended.").waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Retry" }).count()).toBe(0);
});

it("offers Retry only while there is a kernel", async () => {
  await page.evaluate(() => window.lab.changeKernel(null));
  await show(0, model(FAILED));
  await page.getByText("The connection ended.").waitFor();
  const retry = page.getByRole("button", { name: "Retry" });
  await expect.poll(() => retry.count()).toBe(0);
  await page.evaluate(() => window.lab.changeKernel({ answer: null }));
  await retry.waitFor();
  await page.evaluate(() => window.lab.changeKernel(null));
  await expect.poll(() => retry.count()).toBe(0);
});

describe("an answer that was cut", () => {
  const CUT = model(FAILED, true, { id: "r1", continuable: true });
  const button = () => page.getByRole("button", { name: "Continue" });

  it("is continued by a run of its cell, of which the kernel is told before", async () => {
    await show(1, CUT);
    await button().click();
    await expect.poll(() => page.evaluate(() => window.lab.withdrawn)).toEqual([1]);
    await expect
      .poll(() => page.evaluate(() => window.lab.told))
      .toEqual([{ target: "nbstream", name: "continue", cell: "cell-1", reply: "r1" }]);
    await expect.poll(() => page.evaluate(() => window.lab.runs)).toEqual([1]);
  });

  it.each([
    [
      "the kernel says why not",
      { answer: { t: "refused" as const, message: "The cell has changed." } },
      "has changed",
    ],
    ["the kernel has no nbstream", { answer: null }, "was restarted"],
  ])("is left alone where %s", async (_, kernel, said) => {
    await page.evaluate((kernel) => window.lab.changeKernel(kernel), kernel);
    await show(1, CUT);
    await button().click();
    await page.getByText(said).waitFor();
    await expect.poll(() => page.evaluate(() => window.lab.runs)).toEqual([]);
  });

  it.each([
    ["its endpoint has no way to", model(FAILED, true, { id: "r1" })],
    ["the notebook is not trusted", model(FAILED, false, { id: "r1", continuable: true })],
    ["the notebook does not say which reply it is", model(FAILED, true, { continuable: true })],
  ])("is not offered to be continued where %s", async (_, saved) => {
    await show(1, saved);
    await page.getByText("The connection ended.").waitFor();
    await expect.poll(() => button().count()).toBe(0);
  });

  it("by its length is continued as well", async () => {
    const cut = { ...FAILED, status: "finished", finish_reason: "length", error: null };
    await show(0, model(cut, true, { id: "r2", continuable: true }));
    await button().click();
    await expect.poll(() => page.evaluate(() => window.lab.runs)).toEqual([0]);
  });
});

const VERSIONS = {
  model: "newest-model",
  versions: [
    { version: 0, reply: { ...FAILED, text: "First" }, nbstream: { model: "oldest-model" } },
    { version: 1, reply: { ...FAILED, status: "finished", error: null, text: "Second" }, nbstream: {} },
  ],
};
/** The same after the second was chosen. */
const CHOSEN = {
  version: 1,
  versions: [VERSIONS.versions[0], { version: 2, reply: { ...FAILED, text: "Third" }, nbstream: {} }],
};
const ANSWER = { ...FAILED, status: "finished", error: null, text: "Third" };

it("walks through the versions, and tells the kernel", async () => {
  await show(1, model(ANSWER, true, VERSIONS));
  const prose = page.locator(".nbs-prose");
  await page.getByRole("group", { name: "Version 3 of 3" }).waitFor();
  await page.getByLabel("Next version").click({ force: true });
  await expect.poll(() => prose.textContent()).toBe("Third");
  for (const text of ["Second", "First"]) {
    await page.getByLabel("Previous version").click();
    await expect.poll(() => prose.textContent()).toBe(text);
  }
  await expect.poll(() => page.locator(".nbs-figures").textContent()).toBe("oldest-model");
  await expect.poll(() => page.getByRole("region", { name: "Error" }).count()).toBe(1);
  await expect
    .poll(() => page.evaluate(() => window.lab.told))
    .toEqual([
      { target: "nbstream", name: "choose", cell: "cell-1", version: 1 },
      { target: "nbstream", name: "choose", cell: "cell-1", version: 0 },
    ]);
  await expect.poll(() => page.getByText("only displayed").count()).toBe(0);
});

it("puts the output that the kernel answers in its place", async () => {
  const chosen = {
    data: model({ ...ANSWER, text: "Second, *chosen*" }).data,
    metadata: { nbstream: CHOSEN },
  };
  await page.evaluate((data) => window.lab.changeKernel({ answer: { t: "result", data } }), chosen);
  await show(1, model(ANSWER, true, VERSIONS));
  await page.getByLabel("Previous version").click();
  await page.locator(".nbs-prose em").waitFor();
  await page.getByRole("group", { name: "Version 2 of 3" }).waitFor();
  await expect.poll(() => page.evaluate(() => window.lab.replaced)).toEqual(chosen);
  await expect.poll(() => page.getByText("only displayed").count()).toBe(0);
  await page.getByLabel("Next version").click();
  await expect.poll(() => page.evaluate(() => window.lab.told.at(-1))).toMatchObject({ version: 2 });
});

it("marks the answer of a stale cell, and runs it again", async () => {
  await page.evaluate(() => window.lab.changeKernel({ answer: null }));
  await show(1, model(ANSWER));
  const mark = page.getByText("An earlier turn changed");
  await expect.poll(() => mark.count()).toBe(0);
  await page.evaluate(() => window.lab.changeKernel({ answer: { t: "ack" }, stale: ["cell-0", "cell-1"] }));
  await mark.waitFor();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect.poll(() => page.evaluate(() => window.lab.runs)).toEqual([1]);
  await page.evaluate(() => window.lab.changeKernel({ answer: { t: "ack" } }));
  await expect.poll(() => mark.count()).toBe(0);
});

it("marks an answer that was saved as stale where there is no kernel to tell", async () => {
  await page.evaluate(() => window.lab.changeKernel(null));
  await show(1, model({ ...ANSWER, stale: true }));
  await page.getByText("An earlier turn changed").waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Run again" }).count()).toBe(0);
  await page.evaluate((saved) => window.renderer.draw(saved), model(ANSWER));
  await expect.poll(() => page.getByText("An earlier turn changed").count()).toBe(0);
});

it("marks an answer that another kernel gave, once the kernel says so", async () => {
  const mark = page.getByText("From an earlier session: not part of this conversation.");
  await page.evaluate(() => window.lab.changeKernel(null));
  await show(1, model(ANSWER, true, { id: "r1" }));
  await expect.poll(() => mark.count()).toBe(0);
  await page.evaluate(() => window.lab.changeKernel({ answer: { t: "ack" }, process: "other" }));
  await mark.waitFor();
  await page.evaluate(() => window.lab.changeKernel({ answer: { t: "ack" }, process: "r" }));
  await expect.poll(() => mark.count()).toBe(0);
  await page.evaluate(() => window.lab.changeKernel({ answer: null }));
  await mark.waitFor();
});

it.each([
  ["there is no kernel", null],
  ["the kernel does not know the cell", { answer: { t: "refused" as const, message: "No." } }],
  ["the kernel has no nbstream", { answer: null }],
])("says that a version is only displayed where %s", async (_, kernel) => {
  await page.evaluate((kernel) => window.lab.changeKernel(kernel), kernel);
  await show(1, model(ANSWER, true, VERSIONS));
  await page.getByLabel("Previous version").click();
  await page.getByText("This version is only displayed").waitFor();
  await expect.poll(() => page.locator(".nbs-prose").textContent()).toBe("Second");
  await page.getByLabel("Next version").click();
  await expect.poll(() => page.getByText("This version is only displayed").count()).toBe(0);
});

it("has no pager for a single version", async () => {
  await show(1, model(ANSWER));
  await page.getByText("Third").waitFor();
  await expect.poll(() => page.getByRole("group").count()).toBe(0);
});

it("loads the code that draws when there is an answer to draw", async () => {
  const files: string[] = [];
  page.on("request", (request) => files.push(request.url()));
  await page.evaluate(() => window.lab.activate(window._JUPYTERLAB.nbstream as never));
  const before = files.length;
  await page.evaluate((saved) => window.lab.output(0, saved), model(FAILED));
  await page.getByText("The connection ended.").waitFor();
  expect(files.length).toBeGreaterThan(before);
});

it("typesets formulas with a file of its own, and loads it only for them", async () => {
  const files: string[] = [];
  page.on("request", (request) => files.push(request.url()));
  await show(0, model({ ...ANSWER, text: "It costs $5." }));
  await page.getByText("It costs").waitFor();
  const before = files.length;
  await page.evaluate((saved) => window.renderer.draw(saved), model({ ...ANSWER, text: "So $x^2$." }));
  await page.locator("math msup").waitFor();
  expect(files.length).toBeGreaterThan(before);
});

it("keeps its element when the output is updated", async () => {
  await show(0, model({ ...FAILED, error: null, text: "One" }));
  const element = await page.locator(".nbstream").elementHandle();
  const longer = model({ ...FAILED, status: "finished", error: null, text: "One *two*" });
  await page.evaluate((saved) => window.renderer.draw(saved), longer);
  await page.locator(".nbs-prose em").waitFor();
  expect(await element?.evaluate((node) => node.isConnected)).toBe(true);
  const other = model({ ...FAILED, status: "stopped", error: null, text: "Other" });
  await page.evaluate((saved) => window.renderer.draw(saved), other);
  await expect.poll(() => page.locator(".nbs-prose").textContent()).toBe("Other");
  expect(await element?.evaluate((node) => node.isConnected)).toBe(true);
});

it("draws whatever a foreign notebook holds, and takes it away again", async () => {
  await show(0, model({ text: 5, notices: [{ text: "<img src=x>" }], error: [], status: "?" }, false, "x"));
  await expect.poll(() => page.locator(".nbs-notice").textContent()).toBe("<img src=x>");
  await expect.poll(() => page.locator("img").count()).toBe(0);
  await page.evaluate(() => window.renderer.dispose());
  await expect.poll(() => page.locator(".nbstream").count()).toBe(0);
});

describe("the inspector", () => {
  const inspect = () => page.getByRole("button", { name: "Inspect the stream" });
  const inspector = () => page.getByRole("region", { name: "Stream inspector" });

  it("of a saved answer asks the kernel for the events of the version that is shown", async () => {
    await page.evaluate((data) => window.lab.changeKernel({ answer: { t: "result", data } }), pageOf(0, 20));
    await show(1, model(ANSWER, true, { id: "r-1" }));
    await inspect().click();
    await inspector().getByText('" word 3"').waitFor();
    await expect
      .poll(() => page.evaluate(() => window.lab.told))
      .toEqual([{ target: "nbstream", name: "inspect", reply: "r-1", from: 0 }]);
    await expect.poll(() => inspect().getAttribute("aria-expanded")).toBe("true");
    await inspect().click();
    await expect.poll(() => inspector().count()).toBe(0);
  });

  it("says that another kernel does not have the answer", async () => {
    await page.evaluate(() => window.lab.changeKernel({ answer: null }));
    await show(1, model(ANSWER, true, { id: "r-1" }));
    await inspect().click();
    await inspector().getByText("The kernel no longer has this answer.").waitFor();
  });

  it("is not offered where nothing could answer it", async () => {
    await show(1, model(ANSWER));
    await page.getByText("Third").waitFor();
    await expect.poll(() => inspect().count()).toBe(0);
    await page.evaluate(() => window.lab.changeKernel(null));
    await page.evaluate((saved) => window.renderer.draw(saved), model(ANSWER, true, { id: "r-1" }));
    await expect.poll(() => inspect().count()).toBe(0);
  });

  it("that was saved itself needs no kernel", async () => {
    await page.evaluate(() => window.lab.changeKernel(null));
    const saved = { data: { [INSPECTION_MIMETYPE]: pageOf(0, 20) }, metadata: {}, trusted: false };
    await show(0, saved);
    await inspector().getByText('" word 3"').waitFor();
    await page.evaluate(() => window.renderer.dispose());
    await expect.poll(() => inspector().count()).toBe(0);
  });

  it("that was saved in part gets the rest from the kernel, or says that it is missing", async () => {
    const saved = (id: string) => ({
      data: { [INSPECTION_MIMETYPE]: { ...pageOf(0, 1200), id } },
      metadata: {},
      trusted: true,
    });
    await page.evaluate(
      (data) => window.lab.changeKernel({ answer: { t: "result", data } }),
      pageOf(1000, 1200),
    );
    await show(0, saved("r-1"));
    await inspector().getByText("1,200 rows", { exact: true }).waitFor();
    await page.evaluate(() => window.lab.changeKernel({ answer: null }));
    await page.evaluate(async (saved) => window.lab.output(1, saved), saved("r-2"));
    await inspector().last().getByText("The first 1,000 rows are saved here").waitFor();
  });
});
