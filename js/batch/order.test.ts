import { expect, it } from "vitest";
import { Columns } from "../core/batch-store";
import { filtered, type SortKey, sortRows } from "./order";

/** Six rows: waiting, sent, finished, truncated, invalid, failed. */
function columns(): Columns {
  const made = new Columns(6);
  const at = [0, 1, 2, 3, 4, 5];
  made.set({
    at,
    status: "wsftix",
    input: at,
    output: [null, null, 9, 30, 9, null],
    cost: [null, null, 0.2, 0, null, null],
    ms: [null, null, 500, 100, 700, 50],
    attempts: [0, 0, 1, 1, 3, 2],
    order: [0, 0, 4, 1, 3, 2],
  });
  return made;
}

const order = (key: SortKey, descending: boolean) => {
  const made = columns();
  return [...sortRows(filtered(made, "all", null), made, { key, descending })];
};

it.each([
  ["row", false, [0, 1, 2, 3, 4, 5]],
  ["row", true, [5, 4, 3, 2, 1, 0]],
  ["status", false, [0, 1, 2, 3, 4, 5]],
  ["tokens", true, [3, 2, 4, 0, 1, 5]],
  ["tokens", false, [2, 4, 3, 0, 1, 5]],
  ["cost", false, [3, 2, 0, 1, 4, 5]],
  ["ms", true, [4, 2, 3, 5, 0, 1]],
  ["attempts", true, [4, 5, 2, 3, 0, 1]],
  ["order", true, [2, 4, 5, 3, 0, 1]],
] as const)("sorts by %s, descending: %s; rows without a figure are last", (key, descending, expected) => {
  expect(order(key, descending)).toEqual(expected);
});

it("filters by status and by a search", () => {
  const made = columns();
  const found = new Uint8Array([1, 0, 0, 1, 0, 1]);
  expect([...filtered(made, "all", found)]).toEqual([0, 3, 5]);
  expect([...filtered(made, "answered", null)]).toEqual([2, 3]);
  expect([...filtered(made, "failed", null)]).toEqual([4, 5]);
  expect([...filtered(made, "failed", found)]).toEqual([5]);
  expect([...filtered(made, "cut", null)]).toEqual([3]);
  expect([...filtered(made, "sent", null)]).toEqual([1]);
  expect([...filtered(made, "waiting", null)]).toEqual([0]);
  expect([...filtered(made, "refused", null)]).toEqual([]);
});
