/** The rules of axe-core on every state of the chat, in both themes. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type axe from "axe-core";
import { expect, it } from "vitest";
import { chatStages } from "./stage";
import { STATES } from "./states";

const open = chatStages();

const cases = (["light", "dark"] as const).flatMap((theme) =>
  Object.entries(STATES).map(([name, state]) => ({ theme, name, ...state })),
);

it.each(cases)("finds nothing serious while $name, $theme", async ({ theme, snapshot, prepare }) => {
  const stage = await open(snapshot, { theme });
  await prepare?.(stage);
  const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await stage.page.addScriptTag({ content: await readFile(source, "utf8") });
  const { violations } = await stage.page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    return checker.run(".nbstream");
  });
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  expect(found).toEqual([]);
});
