/**
 * A chat without any framework: messages in, snapshots out. It alone holds the state, and every snapshot is
 * consistent, so a view never sees an ended answer that still streams.
 */

import { Answer, type Progress } from "./answer";
import { Endpoint } from "./endpoint";
import { Frames } from "./frames";
import { type AnswerStatus, ChatError, type ChatMessage, type ChatOptions, type ChatSnapshot } from "./types";

const EMPTY: ChatSnapshot = {
  response: "",
  reasoning: "",
  isStreaming: false,
  error: null,
  messages: [],
  finishReason: null,
  usage: null,
  skipped: 0,
};

export class StreamingChat {
  #options: ChatOptions;
  #snapshot = EMPTY;
  #answer: Answer | null = null;
  #latest: Progress | null = null;
  #nextId = 1;
  readonly #listeners = new Set<() => void>();
  readonly #frames = new Frames(() => this.#paint());

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  /** Options for the next answers. */
  configure = (options: ChatOptions): void => {
    this.#options = options;
  };

  /** Calls `listener` after every change, until the returned function is called. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The current state; the same object until it changes. */
  getSnapshot = (): ChatSnapshot => this.#snapshot;

  /**
   * Sends a message. An answer that is still streaming is stopped. Settles when the answer has ended, and
   * never fails.
   */
  sendMessage = (content: string): Promise<void> => {
    this.stop();
    return this.#ask([...this.#snapshot.messages, { id: this.#newId(), role: "user", content }]);
  };

  /** Sends the last question again, and replaces its answer. Does nothing without a question. */
  regenerate = (): Promise<void> => {
    this.stop();
    const messages = this.#snapshot.messages;
    const question = messages.findLastIndex(({ role }) => role === "user");
    return question < 0 ? Promise.resolve() : this.#ask(messages.slice(0, question + 1));
  };

  /** Stops the answer and keeps the received text. */
  stop = (): void => {
    if (!this.#answer) return;
    const answer = this.#answer;
    this.#end("stopped", null);
    answer.stop();
  };

  async #ask(messages: readonly ChatMessage[]): Promise<void> {
    const endpoint = new Endpoint(this.#options);
    const answer = new Answer(endpoint, (progress) => this.#progress(answer, progress));
    this.#answer = answer;
    const pending = { id: this.#newId(), role: "assistant", content: "", status: "streaming" } as const;
    this.#set({ ...EMPTY, isStreaming: true, messages: [...messages, pending] });
    try {
      await answer.read(messages);
      if (this.#answer === answer) this.#end("complete", null);
    } catch (error) {
      if (this.#answer === answer) this.#fail(error);
    }
  }

  /** Ignores an answer that is no longer the current one. */
  #progress(answer: Answer, progress: Progress): void {
    if (this.#answer !== answer) return;
    this.#latest = progress;
    this.#frames.request();
  }

  #fail(error: unknown): void {
    const failure = error instanceof ChatError ? error : new ChatError("protocol", String(error));
    this.#end("interrupted", failure);
    this.#options.onError?.(failure);
  }

  #end(status: AnswerStatus, error: ChatError | null): void {
    this.#answer = null;
    this.#frames.cancel();
    this.#set({ ...this.#withLatest(status), isStreaming: false, error });
    this.#latest = null;
  }

  #paint(): void {
    this.#set(this.#withLatest("streaming"));
  }

  #withLatest(status: AnswerStatus): ChatSnapshot {
    const { messages, response } = this.#snapshot;
    const { text = response, ...rest } = this.#latest ?? {};
    const last = messages.at(-1);
    const changed = last?.role === "assistant" ? [{ ...last, content: text, status }] : [];
    return { ...this.#snapshot, ...rest, response: text, messages: [...messages.slice(0, -1), ...changed] };
  }

  #set(snapshot: ChatSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }

  #newId(): number {
    return this.#nextId++;
  }
}
