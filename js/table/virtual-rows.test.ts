import { expect, it } from "vitest";
import { inSight, reveal, rowAfter } from "./virtual-rows";

it("draws the rows in sight and a few around them, however many there are", () => {
  expect(inSight(0, 300, 30, 100_000)).toEqual([0, 13]);
  expect(inSight(30_000, 300, 30, 100_000)).toEqual([997, 1013]);
  expect(inSight(2_999_700, 300, 30, 100_000)).toEqual([99_987, 100_000]);
  expect(inSight(9_000, 300, 30, 5)).toEqual([5, 5]);
  expect(inSight(0, 300, 30, 0)).toEqual([0, 0]);
});

it("moves by keys, and stays within the rows", () => {
  const moved = (key: string) => rowAfter(key, 2, 10, 6);
  expect(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].map(moved)).toEqual([
    3, 1, 5, 0, 0, 5,
  ]);
  expect([rowAfter("a", 2, 10, 6), rowAfter("End", -1, 10, 0)]).toEqual([null, null]);
});

it("scrolls just far enough", () => {
  const box = { scrollTop: 300, clientHeight: 330 } as HTMLElement;
  const scrolled = (row: number) => {
    reveal(box, row, 30, 30);
    return box.scrollTop;
  };
  expect([scrolled(12), scrolled(5), scrolled(30)]).toEqual([300, 150, 630]);
});
