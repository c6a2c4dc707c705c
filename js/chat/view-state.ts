/** The state of one view of a chat: the message being edited, and the scroll position. */

import { type ReadonlySignal, type Signal, signal, useSignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ChatRequest } from "../core/chat-protocol";
import type { TurnStore } from "../core/chat-store";
import { Refused } from "../kernel/requests";
import { Attachments } from "./attachments";
import type { ChatSession, LiveSession } from "./session";
import { StickToBottom } from "./stick-to-bottom";

/** A user message that is being edited. */
export interface Edit {
  turn: TurnStore;
  text: Signal<string>;
}

export class ViewState {
  readonly chat: ChatSession;
  readonly bottom = new StickToBottom();
  readonly attachments = new Attachments();
  /** The input box, once it is drawn. */
  input: HTMLTextAreaElement | null = null;
  readonly #edit = signal<Edit | null>(null);

  constructor(chat: ChatSession) {
    this.chat = chat;
  }

  get edit(): ReadonlySignal<Edit | null> {
    return this.#edit;
  }

  beginEdit(turn: TurnStore): void {
    this.#edit.value = { turn, text: signal(turn.head.peek().text) };
  }

  /** Whether there was a message to edit. */
  editLast(): boolean {
    const last = this.chat.store.turns.peek().at(-1);
    if (!last) return false;
    // Otherwise it would not be drawn if it is far away.
    this.bottom.pin();
    this.beginEdit(last);
    return true;
  }

  endEdit(): void {
    this.#edit.value = null;
    this.focusInput();
  }

  focusInput(): void {
    this.input?.focus({ preventScroll: true });
  }

  /**
   * A button that disappears when clicked must not move the focus to the notebook, where keys are commands.
   */
  keepFocus(): void {
    const root = this.input?.closest(".nbs-chat");
    if (root?.matches(":focus-within")) this.focusInput();
  }
}

const ViewContext = createContext<ViewState | null>(null);

export const ViewProvider = ViewContext.Provider;

export function useView(): ViewState {
  const view = useContext(ViewContext);
  if (!view) throw new Error("This component must be inside of a ChatView.");
  return view;
}

/** The chat of a view that can continue it. */
export function useLive(): LiveSession {
  const { chat } = useView();
  if (chat.kind !== "live") throw new Error("This component is for live chats.");
  return chat;
}

export interface Sender {
  /** Resolves to whether Python accepted the command. */
  send(request: ChatRequest): Promise<boolean>;
  /** Why Python refused the last command, or "". */
  refusal: ReadonlySignal<string>;
}

/** Sends commands, and shows a refusal next to their button. */
export function useSender(): Sender {
  const { chat } = useView();
  const refusal = useSignal("");
  const send = async (request: ChatRequest) => {
    refusal.value = "";
    try {
      await chat.send(request);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal.value = error.message;
      return false;
    }
  };
  return { send, refusal };
}
