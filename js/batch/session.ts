/** A batch for its views. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Exchange } from "../core/batch-protocol";
import type { BatchStore } from "../core/batch-store";
import type { StopControl } from "../kernel/stop";
import type { Selection, Sorting } from "./order";
import type { Hits } from "./search";

/** How a reader looks at a batch. It stays when a view is drawn again. */
export interface BatchViewState {
  readonly sorting: Signal<Sorting>;
  readonly selection: Signal<Selection>;
  readonly text: Signal<string>;
  /** Number of the row that keys act on; -1 for none. */
  readonly selected: Signal<number>;
  /** Number of the row whose exchange is shown; -1 for none. */
  readonly opened: Signal<number>;
}

export function newViewState(): BatchViewState {
  return {
    sorting: signal<Sorting>({ key: "row", descending: false }),
    selection: signal<Selection>("all"),
    text: signal(""),
    selected: signal(-1),
    opened: signal(-1),
  };
}

/** What the buttons do. */
export type Action = "pause" | "resume" | "cancel" | "retry";

export interface BatchSession {
  readonly store: BatchStore;
  readonly view: BatchViewState;
  readonly stop: StopControl;
  /** The rows in which the reader's text is found; null without a text. */
  readonly hits: ReadonlySignal<Hits | null>;
  /** What failed last; may be empty. */
  readonly notice: ReadonlySignal<string>;
  /** Whether the kernel takes so long to answer a button that its reader must know. */
  readonly overdue: ReadonlySignal<boolean>;
  /** Whether the kernel sends nothing more. */
  readonly lost: ReadonlySignal<boolean>;
  act(name: Action): void;
  /** Shows only the rows in which a text is found; with an empty text, all. */
  find(text: string): void;
  exchange(row: number): Promise<Exchange>;
  /** Requests the texts of the rows in sight of a view. */
  show(view: object, rows: readonly number[]): void;
}

/** Whether the batch sends requests, or could continue to. */
export function isRunning(store: BatchStore): boolean {
  return !["new", "ended"].includes(store.figures.peek().phase);
}
