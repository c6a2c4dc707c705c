/** The inspector as its reader uses it, on a reply of fifty thousand events. */

import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { violations } from "../axe";
import { launch } from "../chromium";
import { pageOf } from "./pages";
import { InspectorStage } from "./stage";

const MANY = 50_000;
/** More rows than can be seen at once, with what is drawn beyond the edges. */
const DRAWN = 40;
const FOLDER = process.env.NBSTREAM_SHOTS;

let browser: Browser;
let stage: InspectorStage;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  expect(stage.errors).toEqual([]);
  expect(stage.requests.filter((url) => !url.startsWith("blob:"))).toEqual([]);
  await expect.poll(() => stage.page.evaluate(() => window.pwned)).toBeUndefined();
  await stage.close();
});

const rows = () => stage.grid.locator("[role=rowgroup] [role=row]");

/** What the details show of the raw chunk. */
const raw = () => stage.root.locator("figure", { hasText: "Raw chunk" }).locator("pre").textContent();

describe("fifty thousand events", () => {
  it("are asked for page by page, and only those in sight are in the document", async () => {
    stage = await InspectorStage.open(browser);
    await stage.show(MANY);
    const pulled = await stage.page.evaluate(() => window.pulled);
    expect(pulled).toEqual(Array.from({ length: 50 }, (_, page) => page * 1000));
    await expect.poll(() => rows().count()).toBeLessThan(DRAWN);
    await expect.poll(() => stage.grid.getAttribute("aria-rowcount")).toBe(String(MANY + 1));
    await stage.grid.evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight;
    });
    await stage.grid.getByText(`" word ${MANY - 1}"`).waitFor();
    await expect.poll(() => rows().count()).toBeLessThan(DRAWN);
    await expect.poll(() => stage.root.locator("svg *").count()).toBeLessThan(200);
  });

  it("are walked by the keyboard", async () => {
    stage = await InspectorStage.open(browser);
    await stage.show(MANY);
    await stage.grid.focus();
    await stage.page.keyboard.press("End");
    await expect.poll(raw).toContain(` word ${MANY - 1}`);
    await stage.page.keyboard.press("ArrowUp");
    await expect.poll(raw).toContain(` word ${MANY - 2}`);
    await stage.page.keyboard.press("Home");
    await stage.page.keyboard.press("ArrowDown");
    await expect.poll(raw).toContain(" word 1");
    // The list draws the rows of its new position once the browser reports that it scrolled.
    const active = () => stage.grid.getAttribute("aria-activedescendant");
    await expect.poll(active).not.toBeNull();
    const selected = async () => stage.page.locator(`[id="${await active()}"]`).getAttribute("aria-selected");
    await expect.poll(selected).toBe("true");
  });

  it("are filtered by words in fields and raw chunks, and by kind", async () => {
    stage = await InspectorStage.open(browser);
    await stage.show(MANY);
    await stage.page.getByLabel("Filter rows by text").fill("WORD 4999");
    await stage.page.getByText(`11 of 50,000 rows`).waitFor();
    await expect.poll(() => rows().count()).toBe(11);
    await stage.page.getByLabel("Filter rows by text").fill("");
    await stage.page.getByLabel("Rows", { exact: true }).selectOption("marks");
    await stage.page.getByText(`50 of 50,000 rows`).waitFor();
    const kinds = await rows().locator(":nth-child(4)").allTextContents();
    expect(new Set(kinds)).toEqual(new Set(["chunk_skipped", "retrying", "continued", "warned"]));
    const signs = await rows().locator(":nth-child(1)").allTextContents();
    expect(signs.every(Boolean)).toBe(true);
  });

  it("are saved as JSON lines, those that are shown", async () => {
    stage = await InspectorStage.open(browser);
    await stage.show(MANY);
    await stage.page.getByLabel("Rows", { exact: true }).selectOption("events");
    const waiting = stage.page.waitForEvent("download");
    await stage.page.getByRole("button", { name: "Save" }).click();
    const file = await (await waiting).path();
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(MANY - Math.floor(MANY / 777));
    const [row] = pageOf(0, 1).rows;
    const [chunk] = pageOf(0, 1).chunks;
    expect(JSON.parse(lines[0] ?? "")).toEqual({ ...row, raw: chunk?.data });
  });
});

it("shows what is hostile as text, in every place", async () => {
  stage = await InspectorStage.open(browser);
  await stage.show(1000);
  await stage.page.getByLabel("Rows", { exact: true }).selectOption("marks");
  await rows().first().click();
  await expect.poll(raw).toContain("<img src=x onerror='window.pwned = 1'> [U+202E]txt.exe");
  await expect.poll(() => stage.root.locator("img, script, a").count()).toBe(0);
  expect(await stage.root.textContent()).not.toContain("\u202E");
});

it("copies the raw chunk as it came", async () => {
  stage = await InspectorStage.open(browser, "light", { permissions: ["clipboard-read", "clipboard-write"] });
  await stage.show(10);
  await rows().nth(3).click();
  await stage.root.locator("figure", { hasText: "Raw chunk" }).getByRole("button", { name: "Copy" }).click();
  await stage.root.getByRole("button", { name: "Copied" }).waitFor();
  await expect
    .poll(() => stage.page.evaluate(() => navigator.clipboard.readText()))
    .toBe(pageOf(3, 4).chunks[0]?.data);
});

it("grows with a reply that streams, and asks no more when it is closed", async () => {
  stage = await InspectorStage.open(browser);
  await stage.page.evaluate(() => {
    let count = 3;
    const pull = async (from: number) => {
      window.pulled.push(from);
      count += 2;
      return window.pageOf(from, count, count > 8);
    };
    const host = document.querySelector("main") as HTMLElement;
    window.unmount = window.inspector.mountInspector(host, { pull });
  });
  await stage.page.getByText("9 rows", { exact: true }).waitFor();
  await expect.poll(() => stage.page.evaluate(() => window.pulled)).toEqual([0, 5, 7]);
  await stage.page.evaluate(() => window.unmount());
  await expect.poll(() => stage.root.count()).toBe(0);
});

it("says when the kernel has nothing, and when it has not the rest", async () => {
  stage = await InspectorStage.open(browser);
  await stage.page.evaluate(() => {
    const host = document.querySelector("main") as HTMLElement;
    const pull = () => Promise.reject(new Error("refused"));
    window.unmount = window.inspector.mountInspector(host, { pull });
  });
  await stage.root.getByText("The kernel no longer has this answer. Run the cell again").waitFor();
  await stage.page.evaluate(() => {
    window.unmount();
    const host = document.querySelector("main") as HTMLElement;
    window.unmount = window.inspector.mountInspector(host, { saved: window.pageOf(0, 1200) });
  });
  await stage.root.getByText("The first 1,000 rows are saved here").waitFor();
});

it.each([null, 5, "x", [[]], { rows: 7, chunks: "x", summary: [] }, { rows: [null, { at: "x", type: 5 }] }])(
  "takes %j out of a hostile notebook for what can be read of it",
  async (saved) => {
    stage = await InspectorStage.open(browser);
    await stage.page.evaluate((saved) => {
      const host = document.querySelector("main") as HTMLElement;
      window.unmount = window.inspector.mountInspector(host, { saved });
    }, saved as never);
    await stage.root.getByRole("heading", { name: "Stream inspector" }).waitFor();
  },
);

const themes = ["light", "dark"] as const;

it.each(themes)("finds nothing for axe-core to complain of, %s", async (theme) => {
  stage = await InspectorStage.open(browser, theme);
  await stage.show(2000);
  await stage.page.getByLabel("Rows", { exact: true }).selectOption("marks");
  await rows().first().click();
  expect(await violations(stage.page, ".nbi")).toEqual([]);
});

describe.runIf(FOLDER)("screenshots", () => {
  it.each([
    ["light", {}],
    ["dark", {}],
    ["forced", { forcedColors: "active" as const }],
    ["narrow", { viewport: { width: 380, height: 900 } }],
  ])("%s", async (name, context) => {
    stage = await InspectorStage.open(browser, name === "dark" ? "dark" : "light", context);
    await stage.show(4000);
    await rows().nth(4).click();
    await stage.page.screenshot({
      path: path.join(FOLDER ?? "", `inspector-${name}.png`),
      fullPage: true,
    });
  });
});
