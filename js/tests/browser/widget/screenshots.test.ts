/** Pictures of every state, in both themes, for people to look at: written to the folder in NBSTREAM_SHOTS. */

import path from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { describe, it } from "vitest";
import type { Snapshot } from "../../../core/protocol";
import { ASKING, CALLS, FAILED, FINISHED, META, SUBMITTED } from "./replies";
import { stages } from "./stages";

const FOLDER = process.env.NBSTREAM_SHOTS;

const STATES: Record<string, Snapshot> = {
  waiting: { ...SUBMITTED, meta: { ...META, elapsed: 3 } },
  "waiting-long": { ...SUBMITTED, meta: { ...META, elapsed: 14 } },
  retrying: {
    ...SUBMITTED,
    meta: { ...META, retrying: { attempt: 2, attempts: 3, wait: 3, reason: "Server busy (429)" } },
  },
  thinking: { ...FINISHED, status: "streaming", text: "", meta: { ...META, elapsed: 9, ttft: 1.2 } },
  streaming: {
    ...FINISHED,
    status: "streaming",
    text: FINISHED.text.slice(0, 330),
    meta: { ...META, ttft: 0.62 },
  },
  finished: FINISHED,
  demo: {
    ...FINISHED,
    reasoning: "",
    text: "A short answer.",
    meta: { ...FINISHED.meta, demo: true, usage: null },
  },
  stopped: { ...FINISHED, status: "stopped", text: FINISHED.text.slice(0, 200) },
  failed: FAILED,
  asking: ASKING,
  called: { ...FINISHED, reasoning: "", tools: CALLS.filter(({ state }) => state !== "asking") },
};

describe.runIf(FOLDER)("screenshots", () => {
  const open = stages();

  const cases = (["light", "dark"] as const).flatMap((theme) =>
    Object.entries(STATES).map(([name, snapshot]) => ({ theme, name, snapshot })),
  );

  it.each(cases)("$name, $theme", async ({ theme, name, snapshot }) => {
    const stage = await open(snapshot, {
      theme,
      context: { viewport: { width: 820, height: 80 } },
    });
    await stage.page.waitForTimeout(150);
    await stage.page.screenshot({
      path: path.join(FOLDER ?? "", `widget-${name}-${theme}.png`),
      fullPage: true,
    });
  });

  const VARIANTS: Record<string, BrowserContextOptions> = {
    narrow: { viewport: { width: 300, height: 80 } },
    "forced-colors": { forcedColors: "active", viewport: { width: 820, height: 80 } },
  };
  const variants = (["light", "dark"] as const).flatMap((theme) =>
    Object.entries(VARIANTS).map(([name, context]) => ({ theme, name, context })),
  );

  it.each(variants)("$name, $theme", async ({ theme, name, context }) => {
    const stage = await open(FINISHED, { theme, context: { ...context, colorScheme: theme } });
    await stage.root.locator(".nbs-hl-keyword").first().waitFor();
    await stage.page.screenshot({
      path: path.join(FOLDER ?? "", `widget-${name}-${theme}.png`),
      fullPage: true,
    });
  });
});
