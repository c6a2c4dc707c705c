/**
 * Connects a chat's view with the notebook around it. The view's code is sent by the kernel and the notebook
 * belongs to the JupyterLab extension; the widget manager between them connects neither, so they use an event
 * on the view's element. Without the extension (VS Code, marimo) no event is sent, and the view offers
 * nothing to restore.
 */

import type { SavedOutput } from "../core/chat-protocol";

/** A conversation of an earlier kernel that is still in the output. */
export interface Earlier {
  /**
   * The value for `CHAT_MIMETYPE`, and the metadata under `nbstream`; read from a notebook, so it may have
   * any shape.
   */
  data: unknown;
  provenance: unknown;
  /** Number of messages. */
  messages: number;
  /** Its other content, as text: "a system prompt", "2 images". */
  contents: readonly string[];
}

/** Saves a chat in the notebook. It uses no signals, because each side has its own copy of that library. */
export interface Keeper {
  readonly earlier: Earlier | null;
  /** Writes the chat as it is now into its output. */
  keep(output: SavedOutput): void;
  /** Whether an answer of the chat streams; absent in older extensions. */
  setBusy?(busy: boolean): void;
  /** Drops the earlier conversation. */
  forget(): void;
}

const EVENT = "nbstream-keeper";

interface Meeting {
  keeper: Keeper;
  /** Set by the view that receives the event. */
  leave?: () => void;
}

/**
 * Offers a keeper to the view inside `element`.
 *
 * @returns a function that disconnects them, or null if no view accepted
 */
export function offerKeeper(element: Element, keeper: Keeper): (() => void) | null {
  const meeting: Meeting = { keeper };
  element.dispatchEvent(new CustomEvent(EVENT, { bubbles: true, detail: meeting }));
  return meeting.leave ?? null;
}

/** Calls `join` with each keeper offered to the view in `element`, until the returned function is called. */
export function acceptKeeper(element: HTMLElement, join: (keeper: Keeper) => () => void): () => void {
  const leaving = new Set<() => void>();
  const onOffer = (event: Event) => {
    if (!(event instanceof CustomEvent)) return;
    const meeting = event.detail as Meeting;
    event.stopPropagation();
    meeting.leave = join(meeting.keeper);
    leaving.add(meeting.leave);
  };
  element.addEventListener(EVENT, onOffer);
  return () => {
    element.removeEventListener(EVENT, onOffer);
    for (const leave of leaving) leave();
  };
}
