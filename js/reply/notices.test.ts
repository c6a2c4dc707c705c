import { expect, it } from "vitest";
import kinds from "../../tests/fixtures/notices.json";
import { EMPTY_SNAPSHOT } from "../core/store";
import { figures } from "./figures";
import { isWarning } from "./notices";

const shown = kinds.filter((entry) => entry.shown !== "hidden");

it.each(shown)("marks the notice $kind as it should", ({ kind, shown }) => {
  expect(isWarning(kind)).toBe(shown === "warning");
});

it.each(shown)("shows Stopped unless the notice $kind states it", ({ kind, incomplete }) => {
  const meta = { ...EMPTY_SNAPSHOT.meta, notices: [{ kind, text: "A notice." }] };
  const texts = figures(meta, "stopped").map(({ text }) => text);
  expect(texts).toEqual(incomplete ? [] : ["Stopped"]);
});
