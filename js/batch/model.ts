/** The part of the anywidget front-end module interface (AFM) that a batch uses. */

import type { BatchSnapshot, FromBatch } from "../core/batch-protocol";
import type { CommandMessage } from "../core/commands";
import type { Place } from "../core/protocol";

/** The traits of the Python class. */
export interface BatchTraits {
  /** Empty until Python sends a state. */
  snapshot: BatchSnapshot | Record<string, never>;
  /** "" if no interrupt may be sent. */
  kernel_id: string;
  place: Place;
  /** Whether the page requested the state of the model, because it was opened later. */
  restored: boolean;
}

/** Commands are sent only with `send`, see `widget/model.ts`. */
export interface BatchModel {
  get<Name extends keyof BatchTraits>(name: Name): BatchTraits[Name];
  send(command: CommandMessage): void;
  on(event: "msg:custom", callback: (message: FromBatch) => void): void;
  on(event: "change:snapshot", callback: () => void): void;
  /** The kernel has died or come back. */
  on(event: "comm_live_update", callback: () => void): void;
}
