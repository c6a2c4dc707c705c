/** The rules of axe-core on a part of a page. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "playwright-core";

/** The rules that are broken, and the elements that break them. */
export async function violations(page: Page, selector: string): Promise<string[]> {
  return (await check(page, selector)).map(told);
}

/** Those that keep someone from using the page. */
export async function seriousViolations(page: Page, selector: string): Promise<string[]> {
  const found = await check(page, selector);
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map(told);
}

async function check(page: Page, selector: string): Promise<axe.Result[]> {
  const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.addScriptTag({ content: await readFile(source, "utf8") });
  const { violations } = await page.evaluate(async (selector) => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    return checker.run(selector);
  }, selector);
  return violations;
}

function told({ id, nodes }: axe.Result): string {
  return `${id}: ${nodes.map((node) => node.html).join(" ")}`;
}
