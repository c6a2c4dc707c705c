/** The page of `nbstream serve --ui` in Chromium, on a real relay. */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch } from "../../../tests/browser/chromium";
import { buildPage } from "../../build.mjs";
import { Cable, type Relay, startRelay } from "./relay";

let browser: Browser;
let paced: Relay;
let fast: Relay;

beforeAll(async () => {
  await buildPage();
  browser = await launch();
  [paced, fast] = await Promise.all([
    startRelay("demo:nbstream-demo"),
    startRelay("demo:nbstream-demo-fast"),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([paced?.close(), fast?.close()]);
});

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("Message").fill(question);
  await page.getByLabel("Message").press("Enter");
}

const answer = async (page: Page) => (await page.getByLabel("Answer").last().textContent()) ?? "";
const isComplete = (page: Page) => page.locator("[data-status=complete]").last().waitFor();

async function whole(question: string): Promise<string> {
  const page = await open(`http://127.0.0.1:${fast.port}`);
  await ask(page, question);
  await isComplete(page);
  const text = await answer(page);
  await page.close();
  return text;
}

it("shows an answer as it comes, as Markdown", async () => {
  const page = await open(`http://127.0.0.1:${paced.port}`);
  await ask(page, "a haiku");
  await page.locator("[data-status=streaming] h3").waitFor();
  const early = await answer(page);
  await isComplete(page);
  const text = await answer(page);
  expect(text.length).toBeGreaterThan(early.length);
  expect(text).toContain("One token, then two;");
  await page.close();
});

it("gets the whole answer over a cable that is cut again and again", async () => {
  const cable = new Cable(paced.port);
  const page = await open(await cable.url());
  await ask(page, "a haiku");
  for (const words of ["Three Haiku", "Cell after", "Out of order"]) {
    await page.locator("[data-status=streaming]", { hasText: words }).waitFor();
    cable.cut();
  }
  await isComplete(page);
  expect(cable.connections).toBeGreaterThanOrEqual(4);
  expect(await answer(page)).toBe(await whole("a haiku"));
  await page.close();
  cable.close();
});

it("keeps what has come when it is stopped, and can answer again", async () => {
  const page = await open(`http://127.0.0.1:${paced.port}`);
  await ask(page, "a poem");
  await page.locator("[data-status=streaming] h3").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  const stopped = page.locator("[data-status=stopped]");
  await stopped.waitFor();
  expect(await stopped.textContent()).toContain("Stopped.");
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.locator("[data-status=streaming]").waitFor();
  expect(await page.getByLabel("Answer").count()).toBe(1);
  await page.close();
});

it("lets nothing that a model says run or reach out", async () => {
  const page = await open(`http://127.0.0.1:${fast.port}`);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  const beacon = `http://127.0.0.1:${fast.port}/beacon`;
  await ask(
    page,
    `echo: <script>window.ran = 1</script><img src=x onerror="window.ran = 1"> ![x](${beacon}) [y](javascript:window.ran=1)`,
  );
  await isComplete(page);
  expect(await answer(page)).toContain("<script>window.ran = 1</script>");
  expect(await page.evaluate("window.ran")).toBeUndefined();
  expect(await page.locator("main script, main img, main [href^=javascript]").count()).toBe(0);
  expect(requests).toEqual(["/chat"]);
  await page.close();
});

it("asks for the token of a relay that has one", async () => {
  const relay = await startRelay("demo:nbstream-demo-fast", "a-token-of-the-tests");
  const page = await open(`http://127.0.0.1:${relay.port}`);
  await ask(page, "a haiku");
  await page.getByText("This relay requires a token.").waitFor();
  await page.getByLabel("Token").fill("a-token-of-the-tests");
  await page.getByRole("button", { name: "Try again" }).click();
  await isComplete(page);
  expect(await answer(page)).toContain("Three Haiku");
  await page.close();
  await relay.close();
});
