/** Pictures of every state, in both themes, for people to look at: written to the folder in NBSTREAM_SHOTS. */

import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, Stage } from "../widget/stage";
import { STATES } from "./states";

const FOLDER = process.env.NBSTREAM_SHOTS ?? "";

const WIDTHS = { wide: 1200, usual: 820, narrow: 332 };

describe.runIf(FOLDER)("screenshots", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  const cases = (["light", "dark"] as const).flatMap((theme) =>
    Object.entries(STATES).flatMap(([name, state]) =>
      Object.entries(WIDTHS).map(([width, pixels]) => ({ theme, name, width, pixels, ...state })),
    ),
  );

  it.each(cases)("$name, $theme, $width", async ({ theme, name, width, pixels, snapshot, prepare }) => {
    const viewport = { width: pixels, height: 560 };
    const stage = await Stage.open(browser, snapshot, { bundle: "chat", theme, context: { viewport } });
    await prepare?.(stage);
    await stage.page.waitForTimeout(300);
    await stage.page.screenshot({ path: path.join(FOLDER, `chat-${name}-${theme}-${width}.png`) });
    expect(stage.errors).toEqual([]);
    await stage.close();
  });
});
