/**
 * Connects a chat's view with the notebook around it. The kernel sends the view, the JupyterLab extension knows the
 * notebook, and the widget manager between them knows neither, so they connect through an event on the view's
 * element. Without the extension (VS Code, marimo) no event is sent, and the view offers nothing to restore.
 */

import type { SavedOutput } from "../core/chat-protocol";

/** A conversation of an earlier kernel that stands in the output still. */
export interface Earlier {
  /** The value for `CHAT_MIMETYPE`, and the metadata under `nbstream`; from a notebook, so of any shape. */
  data: unknown;
  provenance: unknown;
  /** How many messages the reader may expect. */
  messages: number;
  /** What else it holds, in words: "a system prompt", "2 images". */
  contents: readonly string[];
}

/** What keeps a chat in the notebook. No signals: the two sides have each a copy of that library of their own. */
export interface Keeper {
  readonly earlier: Earlier | null;
  /** Writes the chat as it is now into its output. */
  keep(output: SavedOutput): void;
  /** Drops the earlier conversation. */
  forget(): void;
}

const EVENT = "nbstream-keeper";

interface Meeting {
  keeper: Keeper;
  /** Filled in by the view that hears the event. */
  leave?: () => void;
}

/**
 * Offers a keeper to the view inside of `element`.
 *
 * @returns a function that disconnects them, or null if no view accepted
 */
export function offerKeeper(element: Element, keeper: Keeper): (() => void) | null {
  const meeting: Meeting = { keeper };
  element.dispatchEvent(new CustomEvent(EVENT, { bubbles: true, detail: meeting }));
  return meeting.leave ?? null;
}

/** Calls `join` with each keeper that is offered to the view in `element`; the returned function ends that. */
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
