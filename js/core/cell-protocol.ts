/**
 * Commands about the answers in a notebook's cells, which the JupyterLab extension sends on comms
 * (`nbstream/magic/comm.py`, `nbstream/inspection/comm.py`).
 */

import type { InspectionPage } from "./inspection";

/** An output of a notebook. */
export interface CellOutput {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What the kernel knows of the answers that a notebook shows. */
export interface Watched {
  /** Ids of the stale cells: an earlier turn of their chat has changed since. */
  stale: string[];
  /** Ids of cells whose turns of an earlier kernel were loaded from a file. */
  loaded: string[];
  /** Prefix of the ids of the kernel's replies. */
  process: string;
}

/** A turn as the list of chats shows it. */
export interface ListedTurn {
  /** Id of its cell; "" if it has none. */
  cell: string;
  /** The beginning of the prompt. */
  prompt: string;
  /** Status of the active version. */
  status: string;
  stale: boolean;
  versions: number;
}

export interface ListedChat {
  name: string;
  /** Cells use it by default. */
  current: boolean;
  turns: ListedTurn[];
}

export interface ListedChats {
  chats: ListedChat[];
  /** Prefix of the ids of the kernel's replies. */
  process: string;
}

export interface CellCommands {
  /** Makes a version of the cell's answer the current one; returns the output that shows it. */
  choose(args: { cell: string; version: number }): CellOutput;
  /** Returns the output that shows the answer now. */
  output(args: { cell: string; reply: string }): CellOutput;
  /** Rates an answer, or removes its rating with a score of 0; returns the output that shows the answer. */
  rate(args: { cell: string; reply: string; score: 1 | 0 | -1; note: string }): CellOutput;
  /** The next run of the cell continues the answer, as long as the comm is open. */
  continue(args: { cell: string; reply: string }): void;
  /** Returns the names of models and chats that the kernel knows, without a request to a provider. */
  choices(): { models: string[]; chats: string[] };
  /**
   * Looks up the names in expressions of prompts, each with the variable of `--over` or "". Returns a sentence for each
   * that cannot be filled in, and null for the others.
   */
  lookup(args: { expressions: [string, string][] }): { problems: (string | null)[] };
  /** Stops every answer that the kernel streams. */
  stop(): void;
  /** The ids of the notebook's code cells, from top to bottom: turns take this order. */
  order(args: { cells: string[] }): void;
  /** Lists the chats that have turns; `ChatsChanged` follows, as long as the comm is open. */
  chats(): ListedChats;
  /** Answers of an earlier kernel, of cells from top to bottom, become turns; returns their number. */
  restore(args: { answers: ({ cell: string; source: string } & CellOutput)[] }): { turns: number };
  /** `WatchedChanged` follows, as long as the comm is open. `answers` maps ids of cells to ids of replies. */
  watch(args: { answers: [string, string][] }): Watched;
  /** The events of a reply, starting at a row. */
  inspect(args: { reply: string; from: number }): InspectionPage;
}

/** A chat or one of its turns has changed. */
export interface ChatsChanged {
  t: "chats";
  data: ListedChats;
}

/** One of the lists has changed. */
export interface WatchedChanged {
  t: "watched";
  data: Watched;
}
