/** The rules of axe-core on every state of the chat, in both themes. */

import { expect, it } from "vitest";
import { seriousViolations } from "../axe";
import { chatStages } from "./stage";
import { STATES } from "./states";

const open = chatStages();

const cases = (["light", "dark"] as const).flatMap((theme) =>
  Object.entries(STATES).map(([name, state]) => ({ theme, name, ...state })),
);

it.each(cases)("finds nothing serious while $name, $theme", async ({ theme, snapshot, prepare }) => {
  const stage = await open(snapshot, { theme });
  await prepare?.(stage);
  expect(await seriousViolations(stage.page, ".nbstream")).toEqual([]);
});
