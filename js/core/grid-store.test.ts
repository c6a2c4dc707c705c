import { describe, expect, it, vi } from "vitest";
import type { CellHead, GridSnapshot } from "./grid-protocol";
import { GridStore } from "./grid-store";

const head = (status: CellHead[0] = "streaming", length = 0): CellHead => [
  status,
  null,
  null,
  null,
  null,
  length,
  "",
  0,
];

const grid = (seq: number, ...heads: CellHead[]): GridSnapshot => ({
  v: 1,
  seq,
  variants: [{ name: "a", differing: [] }],
  shared: [],
  rows: heads.map((_, row) => ({ label: String(row), fields: [] })),
  n: 1,
  checks: [],
  cells: heads,
  columns: [],
  verdicts: [],
  baseline: 0,
  done: false,
  written: 0,
});

const texts = (store: GridStore) => store.cells.value.map((cell) => cell.text.value);

describe("texts", () => {
  it("are taken for cells in sight, and grow", () => {
    const store = new GridStore(grid(0, head(), head()));
    store.takeBodies([[0, "a", {}]]);
    store.apply({
      t: "cells",
      seq: 1,
      texts: [
        [0, 1, "b"],
        [1, 3, "c"],
      ],
    });
    expect(texts(store)).toEqual(["ab", null]);
  });

  it("are replaced from their offset", () => {
    const store = new GridStore(grid(0, head()));
    store.takeBodies([[0, "before", {}]]);
    store.apply({ t: "cells", seq: 1, texts: [[0, 0, ""]] });
    expect(texts(store)).toEqual([""]);
  });

  it("are requested again when a part is missing", () => {
    const lack = vi.fn();
    const store = new GridStore(grid(0, head()), { lack });
    store.takeBodies([[0, "a", {}]]);
    store.apply({ t: "cells", seq: 1, texts: [[0, 5, "b"]] });
    expect(texts(store)).toEqual([null]);
    expect(lack).toHaveBeenCalledTimes(1);
  });

  it("are requested again after a snapshot", () => {
    const lack = vi.fn();
    const store = new GridStore(grid(0, head()), { lack });
    store.takeBodies([[0, "a", {}]]);
    const [cell] = store.cells.value;
    store.applySnapshot(grid(3, head("finished", 4)));
    expect(store.cells.value[0]).toBe(cell);
    expect(cell?.isOver).toBe(true);
    expect(texts(store)).toEqual([null]);
    expect(lack).toHaveBeenCalledTimes(1);
  });
});

describe("messages", () => {
  it("change heads, details and figures", () => {
    const store = new GridStore(grid(0, head()));
    const figures = { columns: [], verdicts: ["a is the best."], baseline: 0, done: true, written: 0 };
    store.apply({
      t: "cells",
      seq: 1,
      heads: [[0, head("failed")]],
      details: [[0, { error: "no" }]],
      figures,
    });
    expect(store.cells.value[0]?.head.value[0]).toBe("failed");
    expect(store.cells.value[0]?.details.value.error).toBe("no");
    expect(store.figures.value).toEqual(figures);
  });

  it("after a gap change nothing and ask for a snapshot, once in a while", () => {
    const resync = vi.fn();
    const store = new GridStore(grid(0, head()), { resync });
    for (let seq = 2; seq < 36; seq += 1) store.apply({ t: "cells", seq, heads: [[0, head("failed")]] });
    store.apply({ t: "cells", seq: 0, heads: [[0, head("failed")]] });
    expect(store.cells.value[0]?.head.value[0]).toBe("streaming");
    expect(resync).toHaveBeenCalledTimes(2);
  });
});
