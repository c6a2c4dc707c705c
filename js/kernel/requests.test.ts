import { expect, it } from "vitest";
import batch from "../../tests/fixtures/protocol/batch.json";
import cells from "../../tests/fixtures/protocol/cells.json";
import chat from "../../tests/fixtures/protocol/chat.json";
import grid from "../../tests/fixtures/protocol/grid.json";
import reply from "../../tests/fixtures/protocol/reply.json";
import type { BatchCommands } from "../core/batch-protocol";
import type { CellCommands } from "../core/cell-protocol";
import type { ChatCommands } from "../core/chat-protocol";
import type { CommandMessage, Returned } from "../core/commands";
import type { GridCommands } from "../core/grid-protocol";
import type { ReplyCommands } from "../core/protocol";
import { KernelLost, Refused, Requests } from "./requests";

/** The type inferred from JSON: literal types become `string` and `number`. */
type Json<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends readonly (infer Item)[]
      ? Json<Item>[]
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T;

type Args<Command> = Command extends (args: infer Given extends object) => unknown ? Json<Given> : object;

type Examples<Commands> = {
  [Name in keyof Commands]: {
    args: Args<Commands[Name]>;
    returns: Returned<Commands, Name> extends infer Data ? (Data extends void ? null : Json<Data>) : never;
  };
};

/** Whether the kernel only acknowledges a command: the compiler compares this with the types. */
type Kinds<Commands> = {
  [Name in keyof Commands]: Returned<Commands, Name> extends object ? "result" : "ack";
};

const SHARED = { loaded: "ack", module: "ack", asset: "result" } as const;

const REPLY: Kinds<ReplyCommands> = {
  ...SHARED,
  stop: "ack",
  approve: "ack",
  rate: "ack",
  resync: "ack",
  gone: "ack",
  keep: "ack",
  output: "result",
  inspect: "result",
};

const CHAT: Kinds<ChatCommands> = {
  ...SHARED,
  send: "ack",
  stop: "ack",
  regenerate: "ack",
  continue: "ack",
  edit: "ack",
  choose: "ack",
  delete: "ack",
  clear: "ack",
  undo: "ack",
  models: "ack",
  set: "ack",
  approve: "ack",
  rate: "ack",
  download: "result",
  load: "ack",
  inspect: "result",
  keep: "ack",
  resync: "ack",
  gone: "ack",
};

const CELLS: Kinds<CellCommands> = {
  choices: "result",
  lookup: "result",
  choose: "result",
  output: "result",
  continue: "ack",
  stop: "ack",
  rate: "result",
  order: "ack",
  chats: "result",
  restore: "result",
  watch: "result",
  inspect: "result",
};

const GRID: Kinds<GridCommands> = {
  ...SHARED,
  resync: "ack",
  show: "result",
  stop: "ack",
  rate: "ack",
  pin: "ack",
  adopt: "result",
  inspect: "result",
  retry: "ack",
  keep: "ack",
  output: "result",
  release: "ack",
  gone: "ack",
};

const BATCH: Kinds<BatchCommands> = {
  ...SHARED,
  resync: "ack",
  pause: "ack",
  resume: "ack",
  stop: "ack",
  cancel: "ack",
  retry: "ack",
  rows: "result",
  show: "result",
  search: "result",
  exchange: "result",
  seen: "ack",
  keep: "ack",
  output: "result",
  release: "ack",
  gone: "ack",
};

/** The compiler also compares the arguments and results. */
const EXAMPLES = {
  reply: reply satisfies Examples<ReplyCommands>,
  chat: chat satisfies Examples<ChatCommands>,
  grid: grid satisfies Examples<GridCommands>,
  batch: batch satisfies Examples<BatchCommands>,
  cells: cells satisfies Omit<Examples<CellCommands>, "watch">,
};

interface AnyCommands {
  [name: string]: (args: object) => unknown;
}

function open() {
  const sent: CommandMessage[] = [];
  const requests = new Requests<AnyCommands>((command) => sent.push(command));
  return { sent, requests };
}

it.each([
  ["reply", REPLY],
  ["chat", CHAT],
  ["grid", GRID],
  ["batch", BATCH],
  ["cells", CELLS],
] as const)(
  "the fixtures hold the commands of the channel %s, each as the page sends it",
  async (channel, kinds) => {
    const examples: Record<string, { args: object; returns: unknown }> = EXAMPLES[channel];
    const kindsOf = Object.entries(examples).map(([name, { returns }]) => [
      name,
      returns === null ? "ack" : "result",
    ]);
    expect(Object.fromEntries(kindsOf)).toEqual(kinds);
    const { sent, requests } = open();
    for (const [name, { args, returns }] of Object.entries(examples)) {
      const answer = requests.request({ name, ...args });
      const n = sent.length;
      expect(sent.at(-1)).toEqual({ t: "command", n, name, ...args });
      const message = returns === null ? { t: "ack", n, name } : { t: "result", n, name, data: returns };
      expect(requests.receive(message)).toBe(true);
      expect(await answer).toEqual(returns ?? undefined);
    }
  },
);

it("answers find their commands by number, in whichever order they come", async () => {
  const { requests } = open();
  const [first, second] = [requests.request({ name: "a" }), requests.request({ name: "a" })];
  requests.receive({ t: "result", n: 2, name: "a", data: "two" });
  requests.receive({ t: "result", n: 2, name: "a", data: "again" });
  requests.receive({ t: "result", n: 1, name: "a", data: "one" });
  expect(await Promise.all([first, second])).toEqual(["one", "two"]);
});

it("a refusal rejects with the message for the reader", async () => {
  const { requests } = open();
  const answer = requests.request({ name: "a" });
  requests.receive({ t: "refused", n: 1, name: "a", message: "An answer is still streaming." });
  await expect(answer).rejects.toEqual(new Refused("An answer is still streaming."));
});

it("commands that wait are rejected when the kernel is lost", async () => {
  const { requests } = open();
  const answer = requests.request({ name: "a" });
  requests.lose();
  await expect(answer).rejects.toBeInstanceOf(KernelLost);
});

it("a command that cannot be sent is rejected", async () => {
  const requests = new Requests<AnyCommands>(() => {
    throw new Error("The comm is closed.");
  });
  await expect(requests.request({ name: "a" })).rejects.toThrow("The comm is closed.");
});

it("what is not an answer is left to others", () => {
  const { requests } = open();
  expect(requests.receive({ t: "frame" })).toBe(false);
});

it("the buffers of an answer come with its data", async () => {
  const { requests } = open();
  const answer = requests.requestPacket({ name: "asset" });
  const bytes = new DataView(new ArrayBuffer(2));
  requests.receive({ t: "result", n: 1, name: "asset", data: {} }, [bytes]);
  expect(await answer).toEqual({ data: {}, buffers: [bytes] });
});
