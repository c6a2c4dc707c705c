/** What belongs to one view of a chat: what is being edited, and where the reader looks. */

import { type ReadonlySignal, type Signal, signal, useSignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ChatRequest } from "../core/chat-protocol";
import type { TurnStore } from "../core/chat-store";
import { Refused } from "../kernel/requests";
import { Attachments } from "./attachments";
import type { ChatSession, LiveSession } from "./session";
import { StickToBottom } from "./stick-to-bottom";

/** A message of the reader that is being changed. */
export interface Edit {
  turn: TurnStore;
  text: Signal<string>;
}

export class ViewState {
  readonly chat: ChatSession;
  readonly bottom = new StickToBottom();
  readonly attachments = new Attachments();
  /** The box in which messages are written, once it is drawn. */
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
    // Far from what is seen it would not be drawn.
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

  /** A button that vanishes with its click must not drop the focus into the notebook, where keys are commands. */
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
  /** Resolves to whether Python took the command. */
  send(request: ChatRequest): Promise<boolean>;
  /** Why Python refused the last command, or "". */
  refusal: ReadonlySignal<string>;
}

/** Sends commands from one place, where a refusal is then shown. */
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
