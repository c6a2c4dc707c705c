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
  /** Ids of the cells that are stale, as an earlier turn of their chat has changed since. */
  stale: string[];
  /** Ids of cells whose turns of an earlier kernel were loaded from a file. */
  loaded: string[];
  /** What the ids of the kernel's replies begin with. */
  process: string;
}

export interface CellCommands {
  /** Makes a version of the cell's answer the one that counts; returns the output that shows it. */
  choose(args: { cell: string; version: number }): CellOutput;
  /** Returns the output that shows the answer now. */
  output(args: { cell: string; reply: string }): CellOutput;
  /** The next run of the cell continues the answer, as long as the comm is open. */
  continue(args: { cell: string; reply: string }): void;
  /** `WatchedChanged` follows, as long as the comm is open. The answers: ids of cells, each with that of its reply. */
  watch(args: { answers: [string, string][] }): Watched;
  /** The events of a reply, from that row on. */
  inspect(args: { reply: string; from: number }): InspectionPage;
}

/** One of the lists has changed. */
export interface WatchedChanged {
  t: "watched";
  data: Watched;
}
