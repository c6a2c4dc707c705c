/**
 * The state of a chat in the front end: written only here, read by any number of views.
 */

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { ChatMeta, ChatSnapshot, FromChat, TurnSnapshot } from "./chat-protocol";
import { ReplyStore, type ReplyStoreOptions } from "./store";

/** How many unusable messages to ignore before requesting another resync. */
const MESSAGES_PER_RESYNC = 32;

export const EMPTY_CHAT: ChatSnapshot = {
  v: 1,
  seq: 0,
  meta: {
    title: "",
    model: "",
    models: [],
    models_error: "",
    system: "",
    temperature: null,
    top_p: null,
    max_tokens: null,
    seed: null,
    reasoning_effort: null,
    busy: false,
    placeholder: "",
    can_undo: false,
  },
  turns: [],
};

/** A numbered message: it changes state. */
export type ChatPatch = Extract<FromChat, { seq: number }>;

/** A turn without the fields that change while it is answered. */
export type TurnHead = Omit<TurnSnapshot, "reply">;

/** One turn; the object stays the same when another version is shown. */
export class TurnStore {
  readonly id: string;
  readonly reply: ReplyStore;
  readonly #head: Signal<TurnHead>;

  constructor({ reply, ...head }: TurnSnapshot, options: ReplyStoreOptions) {
    this.id = head.id;
    this.reply = new ReplyStore(reply, options);
    this.#head = signal(head);
  }

  get head(): ReadonlySignal<TurnHead> {
    return this.#head;
  }

  /** Shows another state of the same turn. */
  replace({ reply, ...head }: TurnSnapshot): this {
    this.#head.value = head;
    this.reply.applySnapshot(reply);
    return this;
  }
}

export class ChatStore {
  readonly #meta: Signal<ChatMeta>;
  readonly #turns: Signal<readonly TurnStore[]>;
  readonly #options: ReplyStoreOptions;
  readonly #resync: () => void;
  #seq: number;
  #unusable = 0;

  /** `options.resync` is called when a message is missing; the kernel then sends a whole snapshot. */
  constructor(snapshot: ChatSnapshot, options: ReplyStoreOptions = {}) {
    this.#resync = options.resync ?? (() => {});
    this.#options = { ...options, resync: () => this.#askForSnapshot() };
    this.#seq = snapshot.seq;
    this.#meta = signal(snapshot.meta);
    this.#turns = signal(snapshot.turns.map((turn) => new TurnStore(turn, this.#options)));
  }

  get meta(): ReadonlySignal<ChatMeta> {
    return this.#meta;
  }

  /** In the order of the conversation. */
  get turns(): ReadonlySignal<readonly TurnStore[]> {
    return this.#turns;
  }

  /** Replaces everything, unless the snapshot is older than the current state. */
  applySnapshot(snapshot: ChatSnapshot): void {
    if (snapshot.seq < this.#seq) return;
    this.#seq = snapshot.seq;
    this.#unusable = 0;
    const known = new Map(this.#turns.peek().map((turn) => [turn.id, turn]));
    batch(() => {
      this.#meta.value = snapshot.meta;
      this.#turns.value = snapshot.turns.map(
        (turn) => known.get(turn.id)?.replace(turn) ?? new TurnStore(turn, this.#options),
      );
    });
  }

  /** Applies a message; ignores a repeated one, and requests a snapshot after a gap. */
  apply(message: ChatPatch): void {
    if (message.seq <= this.#seq) return;
    if (message.seq > this.#seq + 1) {
      this.#askForSnapshot();
      return;
    }
    this.#seq = message.seq;
    batch(() => this.#change(message));
  }

  #change(message: ChatPatch): void {
    if (message.t === "meta") this.#meta.value = message.meta;
    else if (message.t === "turn") this.#place(message.turn, message.at);
    else if (message.t === "remove") this.#turns.value = this.#without(message.id);
    else if (message.t === "clear") this.#turns.value = [];
    else this.#find(message.id)?.reply.applyFrame(message.frame);
  }

  #find(id: string): TurnStore | undefined {
    return this.#turns.peek().find((turn) => turn.id === id);
  }

  #without(id: string): TurnStore[] {
    return this.#turns.peek().filter((turn) => turn.id !== id);
  }

  #place(snapshot: TurnSnapshot, at: number): void {
    const known = this.#find(snapshot.id)?.replace(snapshot);
    if (known && this.#turns.peek()[at] === known) return;
    const turns = this.#without(snapshot.id);
    turns.splice(at, 0, known ?? new TurnStore(snapshot, this.#options));
    this.#turns.value = turns;
  }

  #askForSnapshot(): void {
    if (this.#unusable % MESSAGES_PER_RESYNC === 0) this.#resync();
    this.#unusable += 1;
  }
}
