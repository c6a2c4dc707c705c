import { expect, it } from "vitest";
import fixture from "../../../tests/fixtures/comparison.json";
import { type Body, type CellHead, COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import type { LiveComparison } from "../../page/live-grids";
import type { Output } from "../../page/live-outputs";
import { comparisonKind } from "./kept-grids";
import { savedComparison } from "./saved-grid";
import { UNFINISHED, unfinishedGrid } from "./unfinished-grid";

const KNOWN: Output = fixture;
const { snapshot: SAVED } = savedComparison(fixture.data[COMPARISON_MIMETYPE], fixture.metadata.nbstream);

/** The comparison of the fixture, whose second row streams again. */
function streaming(bodies: Body[], isLost = false): LiveComparison {
  const cells = SAVED.cells.map((head, index) =>
    index < 2 ? head : (["streaming", 0.1, 50, 3, null, 9, "·", 0] satisfies CellHead),
  );
  const snapshot = { ...SAVED, id: "g", cells, done: false };
  return { id: "g", isLost, written: 0, snapshot: () => snapshot, bodies: () => bodies } as LiveComparison;
}

function readBack({ data, metadata }: Output) {
  return savedComparison(data[COMPARISON_MIMETYPE], metadata.nbstream);
}

it("has the texts that the page received, and of all others those from the kernel", () => {
  const output = unfinishedGrid(streaming([[3, "so far", { error: "slow" }]]), KNOWN);
  const { id, remark, snapshot, bodies } = readBack(output);
  expect([id, remark]).toEqual(["g", UNFINISHED.saved]);
  expect(bodies.map(([, text]) => text)).toEqual([
    "# Oslo\n\nby <b>m</b>",
    "# Oslo\n\nby <b>n</b>",
    "# Rome\n\nby <b>m</b>",
    "so far",
  ]);
  expect(snapshot.cells.map(([status]) => status)).toEqual(["finished", "finished", "stopped", "stopped"]);
  expect(snapshot.cells[2]?.slice(1, 4)).toEqual([0.1, 50, 3]);
  expect(bodies[3]?.[2]).toEqual({ error: "slow" });
  expect(comparisonKind.isUnfinished(output)).toBe(true);
});

it("keeps the kernel's text where that continues the received one", () => {
  const [, , third] = readBack(unfinishedGrid(streaming([[2, "# Rome", {}]]), KNOWN)).bodies;
  expect(third?.[1]).toBe("# Rome\n\nby <b>m</b>");
});

it("is complete without anything from the kernel", () => {
  const output = unfinishedGrid(streaming([[0, "a", {}]]), null);
  const { snapshot, bodies } = readBack(output);
  expect([snapshot.rows.length, snapshot.variants.length, bodies[0]?.[1]]).toEqual([2, 2, "a"]);
  expect(output.data["text/plain"]).toBe(`[${UNFINISHED.saved}]`);
});

it("adds to the kernel's Markdown as code, in which no markup is interpreted, and only once", () => {
  const first = unfinishedGrid(streaming([[3, "<b>x</b>", {}]]), KNOWN);
  const shown = unfinishedGrid(streaming([[3, "<b>x</b> ```\n# y", {}]], true), first).data["text/markdown"];
  const before = `${fixture.data["text/markdown"]}\n\n\`\`\`text\n1, n: <b>x</b>\n\`\`\``;
  expect(shown).toBe(`${before}\n\n\`\`\`\`text\n1, n: \`\`\`\n# y\n\`\`\`\`\n\n*${UNFINISHED.interrupted}*`);
});

it("is outdated once the kernel has written it again", () => {
  const live = { ...streaming([]), written: 2 };
  const written = (count: number) => ({
    data: fixture.data,
    metadata: { nbstream: { ...fixture.metadata.nbstream, written: count } },
  });
  expect([1, 2].map((count) => comparisonKind.isCurrent(live, written(count)))).toEqual([false, true]);
  expect(comparisonKind.isCurrent(live, unfinishedGrid(live, KNOWN))).toBe(false);
});
