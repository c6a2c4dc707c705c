/** The part of the anywidget front-end module interface (AFM) that the widget uses. */

import type { CommandMessage } from "../core/commands";
import type { FromKernel, Place, Snapshot } from "../core/protocol";

/** The traits of the Python class. */
export interface ReplyTraits {
  /** Empty until Python has something to say. */
  snapshot: Snapshot | Record<string, never>;
  /** "" where no interrupt may be sent, e.g. for a reply that outlives its cell. */
  kernel_id: string;
  place: Place;
  /** Whether the page asked for the state of the model, because it was opened after the model. */
  restored: boolean;
}

/**
 * anywidget makes a fresh proxy of the model for every hook and takes its listeners off by itself. Commands
 * go by `send` alone: `save_changes` can wedge the model while a cell is running (ipykernel 7.4 reports no
 * idle status for messages that it handles during an `await`).
 */
export interface WidgetModel {
  get<Name extends keyof ReplyTraits>(name: Name): ReplyTraits[Name];
  send(command: CommandMessage): void;
  on(
    event: "msg:custom",
    callback: (message: FromKernel, buffers: readonly DataView<ArrayBuffer>[]) => void,
  ): void;
  on(event: "change:snapshot", callback: () => void): void;
  /** The kernel has gone, or come back. */
  on(event: "comm_live_update", callback: () => void): void;
}
