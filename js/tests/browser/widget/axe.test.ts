/** The rules of axe-core on every state of the view, in both themes. */

import { expect, it } from "vitest";
import type { Snapshot } from "../../../core/protocol";
import { seriousViolations } from "../axe";
import { ASKING, FAILED, FINISHED, ILLUSTRATED, META, SUBMITTED } from "./replies";
import { stages } from "./stages";

const STATES: Record<string, Snapshot> = {
  waiting: SUBMITTED,
  thinking: { ...FINISHED, status: "streaming", text: "", meta: META },
  streaming: { ...FINISHED, status: "streaming" },
  finished: { ...FINISHED, meta: { ...FINISHED.meta, demo: true } },
  illustrated: ILLUSTRATED,
  failed: FAILED,
  asking: ASKING,
};

const open = stages();

const cases = (["light", "dark"] as const).flatMap((theme) =>
  Object.entries(STATES).map(([state, snapshot]) => ({ theme, state, snapshot })),
);

it.each(cases)("finds nothing serious while $state, $theme", async ({ theme, snapshot }) => {
  const stage = await open(snapshot, { theme });
  expect(await seriousViolations(stage.page, ".nbstream")).toEqual([]);
});
