import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { BatchFigures, BatchSnapshot, FromBatch, RowColumns } from "../core/batch-protocol";
import type { CommandMessage } from "../core/commands";
import { LiveBatch } from "./live-batch";
import type { BatchModel } from "./model";

const FIGURES = {
  phase: "running",
  answered: 0,
  failed: 0,
  in_flight: 0,
  errors: [],
} as unknown as BatchFigures;
const SNAPSHOT: BatchSnapshot = { v: 1, id: "", seq: 0, total: 3, begun: true, figures: FIGURES };
const NONE: RowColumns = {
  at: [],
  status: "",
  input: [],
  output: [],
  cost: [],
  ms: [],
  attempts: [],
  order: [],
};

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A batch whose kernel the test plays. */
function open(snapshot: Partial<BatchSnapshot> = {}) {
  const sent: CommandMessage[] = [];
  let receive: (message: FromBatch) => void = () => {};
  let lose = () => {};
  const model = {
    get: (name: string) => (name === "snapshot" ? { ...SNAPSHOT, ...snapshot } : ""),
    send: (command: CommandMessage) => sent.push(command),
    on: (event: string, callback: never) => {
      if (event === "msg:custom") receive = callback;
      if (event === "comm_live_update") lose = callback;
    },
  } as unknown as BatchModel;
  const live = new LiveBatch(model);
  const names = () => sent.map(({ name }) => name);
  /** Answers the last command with that name. */
  const answer = async (name: string, data?: unknown) => {
    const n = [...sent].reverse().find((command) => command.name === name)?.n ?? 0;
    receive(data === undefined ? { t: "ack", n, name } : { t: "result", n, name, data });
    await vi.advanceTimersByTimeAsync(0);
  };
  const refuse = async (name: string, message: string) => {
    const n = [...sent].reverse().find((command) => command.name === name)?.n ?? 0;
    receive({ t: "refused", n, name, message });
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    live,
    sent,
    names,
    answer,
    refuse,
    receive: (message: FromBatch) => receive(message),
    lose: () => lose(),
  };
}

it("requests the rows of a batch that has begun, some thousands at a time", async () => {
  const { sent, names, answer } = open();
  expect(sent[0]).toMatchObject({ name: "rows", from: 0 });
  await answer("rows", { rows: NONE, next: 4000 });
  expect(names()).toEqual(["rows"]);
  await vi.advanceTimersByTimeAsync(300);
  expect(sent[1]).toMatchObject({ name: "rows", from: 4000 });
  await answer("rows", { rows: NONE, next: null });
  await vi.advanceTimersByTimeAsync(300);
  expect(names()).toEqual(["rows", "rows"]);
});

it("tells the kernel once a second what it has applied", async () => {
  const { sent, receive } = open({ begun: false });
  receive({ t: "rows", seq: 1, figures: FIGURES });
  receive({ t: "rows", seq: 2, figures: FIGURES });
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toMatchObject([{ name: "seen", seq: 2 }]);
});

it("requests each text once, and again when its row has changed", async () => {
  const { live, sent, names, answer, receive } = open({ begun: false });
  const view = {};
  live.show(view, [0, 1]);
  live.show(view, [0, 1]);
  expect(sent).toMatchObject([{ name: "show", rows: [0, 1], lacking: [0, 1] }]);
  await answer("show", {
    texts: [
      [0, "Oslo", ""],
      [1, "Rome", ""],
    ],
  });
  live.show(view, [0, 1]);
  expect(names()).toEqual(["show"]);
  receive({ t: "rows", seq: 1, rows: { ...NONE, at: [1], status: "f" } });
  live.show(view, [0, 1]);
  expect(sent.at(-1)).toMatchObject({ name: "show", lacking: [1] });
});

it("shows why the kernel refused, and where to find answers of a retry after the end", async () => {
  const { live, receive, answer, refuse } = open({ begun: false });
  live.act("retry");
  await refuse("retry", "The batch cannot retry rows now.");
  expect(live.notice.value).toBe("The batch cannot retry rows now.");
  live.act("pause");
  await answer("pause");
  expect(live.notice.value).toBe("");
  receive({ t: "rows", seq: 1, figures: { ...FIGURES, phase: "ended" } });
  live.act("retry");
  await answer("retry");
  expect(live.notice.value).toContain("Run the cell again to get them in its table.");
});

it("searches rows that end while a text is shown", async () => {
  const { live, sent, answer, receive } = open({ begun: false });
  live.find("oslo");
  expect(sent.at(-1)).toMatchObject({ name: "search", text: "oslo", from: 0 });
  await answer("search", { found: [], next: null });
  receive({ t: "rows", seq: 1, rows: { ...NONE, at: [2], status: "f" } });
  await vi.advanceTimersByTimeAsync(1000);
  const search = sent.filter(({ name }) => name === "search").at(-1);
  expect(search).toMatchObject({ text: "oslo", rows: [2] });
});

it("asks a kernel that has ended nothing more", () => {
  const { live, sent, lose } = open({ begun: false });
  lose();
  live.show({}, [0]);
  expect([live.lost.value, sent]).toEqual([true, []]);
});
