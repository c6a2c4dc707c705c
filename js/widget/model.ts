/** The part of the anywidget front-end module interface (AFM) that the widget uses. */

import type { CommandMessage } from "../core/commands";
import type { FromKernel, Place, Snapshot } from "../core/protocol";

/** The traits of the Python class. */
export interface ReplyTraits {
  /** Empty until Python sends a state. */
  snapshot: Snapshot | Record<string, never>;
  /** "" if no interrupt may be sent, for example for a reply that outlives its cell. */
  kernel_id: string;
  place: Place;
  /** Whether the page requested the state of the model, because it was opened later. */
  restored: boolean;
}

/**
 * anywidget makes a new proxy of the model for every hook and removes its listeners itself. Commands are sent
 * only with `send`: `save_changes` can wedge the model while a cell is running (ipykernel 7.4 reports no idle
 * status for messages that it handles during an `await`).
 */
export interface WidgetModel {
  get<Name extends keyof ReplyTraits>(name: Name): ReplyTraits[Name];
  send(command: CommandMessage): void;
  on(
    event: "msg:custom",
    callback: (message: FromKernel, buffers: readonly DataView<ArrayBuffer>[]) => void,
  ): void;
  on(event: "change:snapshot", callback: () => void): void;
  /** The kernel has died or come back. */
  on(event: "comm_live_update", callback: () => void): void;
}
