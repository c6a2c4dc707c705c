import { describe, expect, it } from "vitest";
import type { BatchFigures, BatchSnapshot, RowColumns } from "./batch-protocol";
import { BatchStore, FAILED, FINISHED, SENT, WAITING } from "./batch-store";

const FIGURES = { phase: "running", answered: 0, failed: 0 } as BatchFigures;
const SNAPSHOT: BatchSnapshot = { v: 1, id: "b", seq: 3, total: 4, begun: false, figures: FIGURES };

function rows(at: number[], status: string, output: number | null = 7): RowColumns {
  const each = <Value>(value: Value) => at.map(() => value);
  const figures = { input: each(null), output: each(output), cost: each(0.5), ms: each(20) };
  return { at, status, ...figures, attempts: each(1), order: at };
}

describe("the store of a batch", () => {
  it("has no figures of rows that have not ended", () => {
    const { columns } = new BatchStore(SNAPSHOT);
    expect([...columns.status]).toEqual([WAITING, WAITING, WAITING, WAITING]);
    expect([columns.output[0], columns.ms[0], columns.cost[0]]).toEqual([-1, -1, Number.NaN]);
  });

  it("applies messages in order, and each once", () => {
    const store = new BatchStore(SNAPSHOT);
    store.apply({ t: "rows", seq: 4, rows: rows([1, 2], "sx"), figures: { ...FIGURES, failed: 1 } });
    store.apply({ t: "rows", seq: 4, rows: rows([1], "f") });
    expect([...store.columns.status]).toEqual([WAITING, SENT, FAILED, WAITING]);
    expect(store.figures.value.failed).toBe(1);
    expect(store.takeFresh()).toEqual([2]);
    expect(store.takeFresh()).toEqual([]);
  });

  it("requests a snapshot after a gap, once, and then the rows", () => {
    const asked: string[] = [];
    const store = new BatchStore(SNAPSHOT, {
      resync: () => asked.push("resync"),
      lack: () => asked.push("lack"),
    });
    store.apply({ t: "rows", seq: 6, rows: rows([1], "f") });
    store.apply({ t: "rows", seq: 7, rows: rows([2], "f") });
    expect([...store.columns.status]).toEqual([WAITING, WAITING, WAITING, WAITING]);
    store.applySnapshot({ ...SNAPSHOT, seq: 7, begun: true });
    store.takeRows(rows([1, 2], "ff"));
    store.apply({ t: "rows", seq: 8, rows: rows([3], "f") });
    expect([...store.columns.status]).toEqual([WAITING, FINISHED, FINISHED, FINISHED]);
    store.applySnapshot({ ...SNAPSHOT, total: 2 });
    expect(store.total).toBe(4);
    expect(asked).toEqual(["resync", "lack"]);
  });

  it("forgets the text of a row that has changed, unless the message brings it", () => {
    const store = new BatchStore(SNAPSHOT);
    store.takeTexts([
      [0, "Oslo", ""],
      [1, "Rome", ""],
    ]);
    store.apply({ t: "rows", seq: 4, rows: rows([0, 1], "ff"), texts: [[1, "Rome", "mild"]] });
    expect([store.text(0), store.text(1)]).toEqual([undefined, [1, "Rome", "mild"]]);
  });

  it("keeps the texts of some thousand rows, the latest ones", () => {
    const store = new BatchStore({ ...SNAPSHOT, total: 10_000 });
    for (let row = 0; row < 10_000; row += 100) {
      store.takeTexts(Array.from({ length: 100 }, (_, index) => [row + index, "", ""]));
    }
    expect([store.text(7999), store.text(8000)]).toEqual([undefined, [8000, "", ""]]);
  });
});
