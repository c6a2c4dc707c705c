import { expect, it } from "vitest";
import { medianOf } from "./median";

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1).reverse();

// The intervals are those of tables of the sign test, such as Conover's A3.
it.each([
  [5, 3, null],
  [6, 3.5, [1, 6]],
  [8, 4.5, [1, 8]],
  [9, 5, [2, 8]],
  [20, 10.5, [6, 15]],
  [100, 50.5, [40, 61]],
  [5000, 2500.5, [2431, 2570]],
])("of %i values", (n, value, interval) => {
  expect(medianOf(upTo(n))).toEqual({ value, interval, n });
});

it("of no values is none", () => {
  expect(medianOf([])).toBeNull();
});
