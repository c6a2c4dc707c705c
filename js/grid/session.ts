/** A comparison for its views: live, connected to Python, or saved in a notebook. */

import { type Signal, signal } from "@preact/signals";
import type { GridRequest } from "../core/grid-protocol";
import type { GridStore } from "../core/grid-store";
import type { StopControl } from "../kernel/stop";
import type { Typesetter } from "../render";
import type { Inspectable } from "../reply/inspecting";
import type { Sorting } from "./rows";

/** How a reader looks at a comparison. It stays when a view is drawn again. */
export interface GridViewState {
  readonly sorting: Signal<Sorting>;
  /** Whether rows are low, for an overview. */
  readonly folded: Signal<boolean>;
  /** Whether the differences to the baseline are marked. */
  readonly diff: Signal<boolean>;
  /** Whether answers are shown as text instead of Markdown. */
  readonly raw: Signal<boolean>;
  /** The cell that is shown whole; null if there is none. */
  readonly opened: Signal<number | null>;
  /** The cell that the Tab key reaches: row of the table and variant. */
  readonly focused: Signal<readonly [row: number, variant: number]>;
  /** Whether a key has moved there, and the focus has to follow. */
  readonly moving: Signal<boolean>;
  /** The only variant that a narrow view shows. */
  readonly only: Signal<number>;
  /** What failed last, or the answer to a command; may be empty. */
  readonly notice: Signal<string>;
}

export function newViewState(): GridViewState {
  return {
    sorting: signal({ key: "row", variant: 0, descending: false }),
    folded: signal(false),
    diff: signal(false),
    raw: signal(false),
    opened: signal<number | null>(null),
    focused: signal([0, 0] as const),
    moving: signal(false),
    only: signal(0),
    notice: signal(""),
  };
}

export interface GridSession {
  readonly store: GridStore;
  readonly view: GridViewState;
  readonly typeset: Typesetter;
  /** Stops all answers; undefined without a kernel. */
  readonly stop: StopControl | undefined;
  /** Sends a command, and shows why it was refused; undefined without a kernel. */
  readonly send: ((request: GridRequest) => void) | undefined;
  /** Continues a chat from an answer; undefined without a kernel. */
  readonly adopt: ((cell: number) => void) | undefined;
  /** The inspector of an answer; undefined without a kernel. */
  inspectable(cell: number): Inspectable | undefined;
  /** Requests the texts of the cells in sight of a view. */
  show(view: object, cells: readonly number[]): void;
}
