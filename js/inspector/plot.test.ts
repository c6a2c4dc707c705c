import { describe, expect, it } from "vitest";
import type { InspectedRow } from "../core/inspection";
import { plotOf, ticks } from "./plot";

const row = (type: string, at: number, gap: number | null = null): InspectedRow => ({
  type,
  at,
  gap,
  chunk: null,
});

describe("the plot", () => {
  it("counts deltas and keeps the longest gap of each column", () => {
    const rows = [
      row("text_delta", 0.1),
      row("text_delta", 0.2, 0.1),
      row("reasoning_delta", 0.9, 0.7),
      row("finished", 1),
    ];
    const { columns, mostDeltas, longestGap } = plotOf(rows, 2);
    expect(columns).toEqual([
      { deltas: 2, gap: 0.1 },
      { deltas: 1, gap: 0.7 },
    ]);
    expect([mostDeltas, longestGap]).toEqual([2, 0.7]);
    expect(plotOf(rows, 2).firstDelta).toBe(0.1);
    expect(plotOf([row("failed", 1)], 2).firstDelta).toBeNull();
  });

  it("begins with the request, or shortly before an answer that came late", () => {
    const late = [row("opened", 0.2), row("text_delta", 9), row("finished", 10)];
    expect(plotOf(late, 10).from).toBeCloseTo(8.85);
    const early = [row("opened", 0.2), row("text_delta", 1), row("finished", 10)];
    expect(plotOf(early, 10).from).toBe(0);
  });

  it("shows one mark for each column", () => {
    const rows = [row("text_delta", 0), row("warned", 0.1), row("warned", 0.2), row("failed", 10)];
    expect(plotOf(rows, 10).marks.map(({ type }) => type)).toEqual(["warned", "failed"]);
  });

  it.each([[[]], [[row("text_delta", 0)]], [[row("text_delta", 5), row("finished", 5)]]])(
    "of %j has a width",
    (rows) => {
      const { from, to } = plotOf(rows, 10);
      expect(to).toBeGreaterThan(from);
    },
  );
});

it.each([
  [0, 10, [0, 2, 4, 6, 8, 10]],
  [0, 0.004, [0, 0.001, 0.002, 0.003, 0.004]],
  [8.85, 10, [9, 9.5, 10]],
])("ticks from %d to %d", (from, to, expected) => {
  expect(ticks(from, to).map((at) => Number(at.toPrecision(6)))).toEqual(expected);
});
