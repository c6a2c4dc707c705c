/** A chat for its views: live, connected to Python, or saved in a notebook. */

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
  /** Resolves when the command was accepted; rejects with `Refused`, whose message is for the user. */
  send(request: ChatRequest): Promise<void>;
}

export interface LiveSession extends Session {
  readonly kind: "live";
  readonly stopControl: StopControl;
  /** Shows the events of an answer; `id` is unique in the page. */
  inspectable(turn: string, version: number): Inspectable;
  /** Whether Python has not answered for a while. */
  readonly overdue: ReadonlySignal<boolean>;
  readonly earlier: ReadonlySignal<Earlier | null>;
  forget(): void;
}

/** Read-only: the only supported command is `choose`. */
export interface SavedSession extends Session {
  readonly kind: "saved";
}

export type ChatSession = LiveSession | SavedSession;
