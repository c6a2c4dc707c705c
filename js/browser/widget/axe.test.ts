/** The rules of axe-core on every state of the view, in both themes. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Snapshot } from "../../core/protocol";
import { ASKING, FAILED, FINISHED, META, SUBMITTED } from "./replies";
import { launch, Stage } from "./stage";

const STATES: Record<string, Snapshot> = {
  waiting: SUBMITTED,
  thinking: { ...FINISHED, status: "streaming", text: "", meta: META },
  streaming: { ...FINISHED, status: "streaming" },
  finished: { ...FINISHED, meta: { ...FINISHED.meta, demo: true } },
  failed: FAILED,
  asking: ASKING,
};

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const cases = (["light", "dark"] as const).flatMap((theme) =>
  Object.entries(STATES).map(([state, snapshot]) => ({ theme, state, snapshot })),
);

it.each(cases)("finds nothing serious while $state, $theme", async ({ theme, snapshot }) => {
  const stage = await Stage.open(browser, snapshot, { theme });
  const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await stage.page.addScriptTag({ content: await readFile(source, "utf8") });
  const { violations } = await stage.page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    return checker.run(".nbstream");
  });
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  expect(found).toEqual([]);
  await stage.close();
});
