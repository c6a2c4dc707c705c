import { expect, it } from "vitest";
import type { CommandMessage } from "../core/commands";
import type { Body, CellHead, FromGrid, GridSnapshot } from "../core/grid-protocol";
import { liveGrids } from "../page/live-grids";
import { LiveGrid } from "./live-grid";
import type { GridModel } from "./model";

const HEAD: CellHead = ["streaming", null, null, null, null, 0, "", 0];

const VIEW = {};

const SNAPSHOT: GridSnapshot = {
  v: 1,
  id: "g1",
  seq: 0,
  variants: [{ name: "a", differing: [] }],
  shared: [],
  rows: [0, 1].map((row) => ({ label: String(row), fields: [] })),
  n: 1,
  checks: [],
  cells: [HEAD, HEAD],
  columns: [],
  verdicts: [],
  baseline: 0,
  done: false,
  written: 0,
};

/** A comparison whose kernel the test plays. */
function open() {
  const sent: CommandMessage[] = [];
  let receive: (message: FromGrid) => void = () => {};
  let lose = () => {};
  const model = {
    get: (name: string) => (name === "snapshot" ? SNAPSHOT : ""),
    send: (command: CommandMessage) => sent.push(command),
    on: (event: string, callback: never) => {
      if (event === "msg:custom") receive = callback;
      if (event === "comm_live_update") lose = callback;
    },
  } as unknown as GridModel;
  const grid = new LiveGrid(model);
  /** Answers the last `show`. */
  const answer = async (bodies: Body[]) => {
    receive({ t: "result", n: sent.at(-1)?.n ?? 0, name: "show", data: { bodies } });
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { grid, sent, answer, receive: (message: FromGrid) => receive(message), lose: () => lose() };
}

const texts = ({ store }: LiveGrid) => store.cells.value.map(({ text }) => text.value);

it("requests the texts of cells in sight once", async () => {
  const { grid, sent, answer } = open();
  grid.show(VIEW, [0, 1]);
  await answer([
    [0, "a", {}],
    [1, "b", {}],
  ]);
  grid.show(VIEW, [1]);
  expect(sent.map(({ cells, lacking }) => [cells, lacking])).toEqual([
    [
      [0, 1],
      [0, 1],
    ],
    [[1], []],
  ]);
  expect(texts(grid), "cell 0 still streams, unseen").toEqual([null, "b"]);
});

it("does not take the text of a cell that has left before it was sent", async () => {
  const { grid, sent, answer } = open();
  grid.show(VIEW, [0, 1]);
  grid.show(VIEW, [1]);
  await answer([
    [0, "part", {}],
    [1, "", {}],
  ]);
  expect(texts(grid)).toEqual([null, ""]);
  grid.show(VIEW, [0, 1]);
  expect(sent.at(-1)).toMatchObject({ cells: [0, 1], lacking: [0] });
});

it("requests the texts in sight again after a snapshot", async () => {
  const { grid, sent, answer, receive } = open();
  grid.show(VIEW, [0]);
  await answer([[0, "a", {}]]);
  receive({ t: "snapshot", state: { ...SNAPSHOT, seq: 5 } });
  expect(sent.at(-1)).toMatchObject({ name: "show", cells: [0], lacking: [0] });
});

it("requests the texts of all of its views", async () => {
  const { grid, sent, answer } = open();
  grid.show(VIEW, [0]);
  await answer([[0, "a", {}]]);
  grid.show({}, [1]);
  expect(sent.at(-1)).toMatchObject({ cells: [0, 1], lacking: [1] });
});

it("does not take the answer to another page for its own", async () => {
  const [one, other] = [open(), open()];
  one.grid.show(VIEW, [0]);
  other.grid.show(VIEW, [1]);
  const n = other.sent[0]?.n ?? 0;
  const data = { bodies: [[0, "of the other page", {}]] };
  one.receive({ t: "result", n, name: "show", data } as FromGrid);
  await one.answer([[0, "a", {}]]);
  expect(texts(one.grid)).toEqual(["a", null]);
  expect(one.sent[0]?.page).not.toBe(other.sent[0]?.page);
});

it("shows which chat continues from an adopted answer", async () => {
  const { grid, sent, receive } = open();
  grid.adopt(1);
  expect(sent[0]).toMatchObject({ name: "adopt", cell: 1 });
  const data = { notice: "The variable adopted is a chat." };
  receive({ t: "result", n: sent[0]?.n ?? 0, name: "adopt", data });
  await expect.poll(() => grid.view.notice.value).toBe(data.notice);
});

it("shows why a command was refused", async () => {
  const { grid, sent, receive } = open();
  grid.send({ name: "pin", variant: 7 });
  receive({ t: "refused", n: sent[0]?.n ?? 0, name: "pin", message: "There is no variant 7." });
  await expect.poll(() => grid.view.notice.value).toBe("There is no variant 7.");
});

it("is found by its output until its kernel has ended", () => {
  const { grid, lose } = open();
  expect(liveGrids.find("g1")).toBe(grid);
  lose();
  expect(liveGrids.find("g1")).toBeUndefined();
});
