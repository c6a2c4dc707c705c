/** The part of the anywidget front-end module interface (AFM) that the chat uses. */

import type { ChatSnapshot, FromChat } from "../core/chat-protocol";
import type { CommandMessage } from "../core/commands";

/** The traits of the Python class. */
export interface ChatTraits {
  /** Empty until Python sends a state. */
  snapshot: ChatSnapshot | Record<string, never>;
  /** "" if no interrupt may be sent. */
  kernel_id: string;
  /** In CSS pixels; 0 lets the widget grow with its content. */
  height: number;
}

/** Commands are sent only with `send`, see `widget/model.ts`. */
export interface ChatModel {
  get<Name extends keyof ChatTraits>(name: Name): ChatTraits[Name];
  send(command: CommandMessage): void;
  on(
    event: "msg:custom",
    callback: (message: FromChat, buffers: readonly DataView<ArrayBuffer>[]) => void,
  ): void;
  on(event: "change:snapshot" | "change:height", callback: () => void): void;
}
