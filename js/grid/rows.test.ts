import { expect, it } from "vitest";
import type { CellHead, GridLayout } from "../core/grid-protocol";
import { CellStore } from "../core/grid-store";
import { cellNumber, placeOf, rowsOf, type Sorting, sorted, variantOf } from "./rows";

const layout: GridLayout = {
  variants: ["a", "b"].map((name) => ({ name, differing: [] })),
  shared: [],
  rows: ["x", "y", "z"].map((label) => ({ label, fields: [] })),
  n: 2,
  checks: [],
};

const cells = Array.from({ length: 12 }, (_, number) => {
  const head: CellHead = ["finished", number === 2 ? null : number % 7, null, null, null, number, "pf", 0];
  return new CellStore(number, head);
});

const order = (sorting: Sorting) =>
  sorted(rowsOf(layout), layout, cells, sorting).map(({ row, sample }) => `${row}${sample}`);

it("has a row for each answer to a row", () => {
  expect(order({ key: "row", variant: 0, descending: false })).toEqual(["00", "01", "10", "11", "20", "21"]);
  const numbers = rowsOf(layout).flatMap((row) => [cellNumber(layout, row, 0), cellNumber(layout, row, 1)]);
  expect([...numbers].sort((one, other) => one - other)).toEqual([...cells.keys()]);
});

it("finds the place of a cell in a sorted table", () => {
  const rows = sorted(rowsOf(layout), layout, cells, { key: "row", variant: 0, descending: true });
  for (const [place, row] of rows.entries()) {
    for (const variant of [0, 1]) {
      const number = cellNumber(layout, row, variant);
      expect([placeOf(layout, rows, number), variantOf(layout, number)]).toEqual([place, variant]);
    }
  }
});

it("sorts by a figure of one variant, and puts unknown ones last both ways", () => {
  // The figures of variant b are those of the cells 2, 3, 6, 7, 10 and 11.
  expect(order({ key: "ttft", variant: 1, descending: false })).toEqual(["11", "01", "20", "21", "10", "00"]);
  expect(order({ key: "ttft", variant: 1, descending: true })).toEqual(["10", "21", "01", "20", "11", "00"]);
  expect(order({ key: "length", variant: 0, descending: true })).toEqual([
    "21",
    "20",
    "11",
    "10",
    "01",
    "00",
  ]);
});
