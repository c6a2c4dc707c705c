/** A chat as its views see it: live, with Python behind it, or saved in a notebook. */

import type { ReadonlySignal } from "@preact/signals";
import type { ChatRequest } from "../core/chat-protocol";
import type { ChatStore } from "../core/chat-store";
import type { StopControl } from "../kernel/stop";
import type { Earlier } from "../page/chat-keeper";
import type { Typesetter } from "../render";
import type { Inspectable } from "../reply/inspecting";

interface Session {
  readonly store: ChatStore;
  readonly typeset: Typesetter;
  /** In CSS pixels; 0: as high as the content. */
  readonly height: ReadonlySignal<number>;
  readonly busy: ReadonlySignal<boolean>;
  /** Resolves when the command was taken; rejects with `Refused` and what to tell the reader. */
  send(request: ChatRequest): Promise<void>;
}

export interface LiveSession extends Session {
  readonly kind: "live";
  readonly stopControl: StopControl;
  /** What shows the events of an answer; `id` tells it from others on the page. */
  inspectable(turn: string, version: number): Inspectable;
  /** Whether Python has not answered for a while. */
  readonly overdue: ReadonlySignal<boolean>;
  readonly earlier: ReadonlySignal<Earlier | null>;
  forget(): void;
}

/** For reading; of the commands it knows `choose` alone. */
export interface SavedSession extends Session {
  readonly kind: "saved";
}

export type ChatSession = LiveSession | SavedSession;
