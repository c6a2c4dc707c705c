import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { BatchFigures } from "../core/batch-protocol";
import { BatchStore } from "../core/batch-store";
import { Arrangement } from "./arrangement";
import type { Selection, Sorting } from "./order";
import type { Hits } from "./search";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function open(selection: Selection, sorting: Sorting = { key: "row", descending: false }) {
  const figures = { phase: "running" } as BatchFigures;
  const store = new BatchStore({ v: 1, id: "b", seq: 0, total: 3, begun: false, figures });
  const options = {
    store,
    sorting: signal(sorting),
    selection: signal(selection),
    hits: signal<Hits | null>(null),
  };
  const arrangement = new Arrangement({ ...options, now: () => Date.now() });
  const end = (row: number, output: number) =>
    store.takeRows({
      at: [row],
      status: "f",
      input: [1],
      output: [output],
      cost: [null],
      ms: [1],
      attempts: [1],
      order: [1],
    });
  return { ...options, arrangement, end, rows: () => [...arrangement.rows.value] };
}

it("arranges changed rows from time to time, and what the reader chooses at once", async () => {
  const { arrangement, end, rows, sorting, selection } = open("answered");
  expect(rows()).toEqual([]);
  end(1, 5);
  end(2, 9);
  await vi.advanceTimersByTimeAsync(1000);
  expect(rows()).toEqual([1, 2]);
  sorting.value = { key: "tokens", descending: true };
  expect(rows()).toEqual([2, 1]);
  end(0, 7);
  expect(rows()).toEqual([2, 1]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(rows()).toEqual([2, 0, 1]);
  selection.value = "failed";
  expect(rows()).toEqual([]);
  arrangement.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

it("does nothing for changed rows where all are shown in their order", () => {
  const { arrangement, end, rows } = open("all");
  end(1, 5);
  expect([rows(), vi.getTimerCount()]).toEqual([[0, 1, 2], 0]);
  arrangement.dispose();
});
