import { describe, expect, it } from "vitest";
import fixture from "../../../tests/fixtures/comparison.json";
import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import { savedComparison } from "./saved-grid";

const DATA = fixture.data[COMPARISON_MIMETYPE];

describe("a saved comparison", () => {
  it("is read as Python wrote it", () => {
    const { id, snapshot, bodies } = savedComparison(DATA, fixture.metadata.nbstream);
    expect(id).toBe(fixture.metadata.nbstream.id);
    expect(snapshot.variants.map(({ name }) => name)).toEqual(["m", "n"]);
    expect(snapshot.rows.map(({ fields }) => fields)).toEqual([[["city", "Oslo"]], [["city", "Rome"]]]);
    expect(snapshot.cells.map(([status, , , , , length]) => [status, length])).toEqual([
      ["finished", 19],
      ["finished", 19],
      ["finished", 19],
      ["failed", 0],
    ]);
    expect(snapshot.cells[0]?.[7]).toBe(-1);
    expect(snapshot.columns[1]?.passed).toEqual([1, 0.2065, 1, 1]);
    expect(bodies[0]).toEqual([0, "# Oslo\n\nby <b>m</b>", { note: "no heading" }]);
    expect(bodies[2]?.[2].reasons).toEqual({ oslo: "It does not contain 'Oslo'." });
    expect(bodies[3]?.[2].error).toContain("no *Rome*");
  });

  it.each([null, 5, "x", [], {}, { v: 1, rows: 3, variants: "a" }])("may be anything: %j", (data) => {
    const { snapshot, bodies } = savedComparison(data, data);
    expect([snapshot.cells, bodies, snapshot.verdicts]).toEqual([[], [], []]);
  });

  it("has no values of a wrong type, whatever the notebook says", () => {
    const cell = { status: "streaming", text: 5, rating: 9, checks: {}, reasons: { a: 1 }, error: [] };
    const { snapshot, bodies } = savedComparison(
      { v: 1, variants: [{ name: 1, differing: [["a"]] }], rows: [{ label: {} }], n: 1e99, cells: [cell] },
      { ttft: "x", columns: [{ statuses: { finished: -1, evil: 2 }, passed: [1] }] },
    );
    expect(snapshot.cells.length).toBeLessThanOrEqual(20_000);
    expect(snapshot.cells[0]).toEqual(["finished", null, null, null, null, 0, "", 0]);
    expect(bodies[0]?.[2]).toEqual({});
    expect(snapshot.columns).toEqual([
      { statuses: {}, passed: null, ttft: null, tokens_per_second: null, output_tokens: 0, cost: null },
    ]);
  });

  it("has what changed since an earlier comparison, of cells that exist", () => {
    const saved = { variants: [{}], rows: [{}, {}], n: 1, cells: [{}, {}] };
    const changes = { prompts: ["- a", 5], good: [1, 2, -1, 0.5, "0"], bad: 7, unchanged: 1 };
    const { snapshot } = savedComparison({ ...saved, changes }, {});
    expect(snapshot.changes).toEqual({ prompts: ["- a"], good: [1], bad: [], unchanged: 1 });
    expect(savedComparison(saved, {}).snapshot.changes).toBeUndefined();
  });

  it("says of an answer that is too long for a notebook why it is missing", () => {
    const saved = { variants: [{}], rows: [{}], n: 1, cells: [{ chars: 9 }] };
    const { snapshot, bodies } = savedComparison(saved, {});
    expect(snapshot.cells[0]?.[5]).toBe(9);
    expect(bodies[0]?.[2].error).toBe("This answer is too long to be saved in the notebook.");
  });
});
