/** Pictures of every state, in both themes, for people to look at: written to the folder in NBSTREAM_SHOTS. */

import path from "node:path";
import { describe, it } from "vitest";
import { chatStages } from "./stage";
import { STATES } from "./states";

const FOLDER = process.env.NBSTREAM_SHOTS ?? "";

const WIDTHS = { wide: 1200, usual: 820, narrow: 332 };

describe.runIf(FOLDER)("screenshots", () => {
  const open = chatStages();

  const cases = (["light", "dark"] as const).flatMap((theme) =>
    Object.entries(STATES).flatMap(([name, state]) =>
      Object.entries(WIDTHS).map(([width, pixels]) => ({ theme, name, width, pixels, ...state })),
    ),
  );

  it.each(cases)("$name, $theme, $width", async ({ theme, name, width, pixels, snapshot, prepare }) => {
    const viewport = { width: pixels, height: 560 };
    const stage = await open(snapshot, { theme, context: { viewport } });
    await prepare?.(stage);
    await stage.page.waitForTimeout(300);
    await stage.page.screenshot({ path: path.join(FOLDER, `chat-${name}-${theme}-${width}.png`) });
  });
});
