import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Drawing from "./drawing";
import { Stage } from "./stage";

declare const drawing: typeof Drawing;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

const hash = (digit: string) => digit.repeat(200);
const url = (name: string) => `https://example.org/${name.repeat(Math.ceil(200 / name.length))}`;

const ROWS = {
  hashes: [hash("a1"), hash("b2")],
  addresses: [url("path"), url("name")],
  "long paths": [url("path/"), url("name-")],
  code: [`\`${hash("a")}\``, `\`${hash("b")}\``],
  "a hash beside words": [hash("c"), "some words that can wrap ".repeat(6).trim()],
};

describe("long unbroken strings in a table", () => {
  const cases = Object.entries(ROWS).flatMap(([name, cells]) =>
    [800, 360].map((width) => ({ name, cells, width })),
  );

  it.each(cases)("$name stay in their columns, $width pixels wide", async ({ cells, width }) => {
    await stage.page.setViewportSize({ width, height: 600 });
    const markdown = `| first | second |\n| --- | --- |\n| ${cells.join(" | ")} |\n`;
    await stage.page.evaluate((text) => drawing.show(text, 800), markdown);
    const outside = await stage.page.locator("th, td").evaluateAll((cells) =>
      cells.flatMap((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        const box = cell.getBoundingClientRect();
        return [...text.getClientRects()]
          .filter((part) => part.left < box.left - 0.5 || part.right > box.right + 0.5)
          .map((part) => `${part.left}–${part.right} is not in ${box.left}–${box.right}`);
      }),
    );
    expect(outside).toEqual([]);
    const [left, right] = await stage.page
      .locator("td")
      .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect()));
    expect(left?.right).toBeLessThanOrEqual((right?.left ?? 0) + 0.5);
  });
});
