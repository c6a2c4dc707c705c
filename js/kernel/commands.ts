/** Commands on their way to Python, until they are answered. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ChatCommand } from "../core/chat-protocol";

/** After so many ms without an answer the reader is told. */
const PATIENCE = 2000;

type Without<Command, Key extends string> = Command extends unknown ? Omit<Command, Key> : never;

/** A command that Python answers, before it is numbered. */
export type Request = Without<Extract<ChatCommand, { n: number }>, "n">;

/** Python understood a command and refused it; the message is for the reader. */
export class Refused extends Error {
  override readonly name = "Refused";
}

interface Waiting {
  timer: ReturnType<typeof setTimeout>;
  resolve(): void;
  reject(reason: Refused): void;
}

export class Commands {
  readonly #post: (command: ChatCommand) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #overdue = signal(false);
  #last = 0;

  constructor(post: (command: ChatCommand) => void) {
    this.#post = post;
  }

  /** Whether a command has waited long for its answer: the kernel is busy with something else, or gone. */
  get overdue(): ReadonlySignal<boolean> {
    return this.#overdue;
  }

  /** Resolves when the command was taken; rejects with `Refused` when it was not. */
  send(request: Request): Promise<void> {
    this.#last += 1;
    const n = this.#last;
    const answer = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#overdue.value = true;
      }, PATIENCE);
      this.#waiting.set(n, { timer, resolve, reject });
    });
    this.#post({ ...request, n } as ChatCommand);
    return answer;
  }

  acknowledge(n: number): void {
    this.#settle(n)?.resolve();
  }

  refuse(n: number, message: string): void {
    this.#settle(n)?.reject(new Refused(message));
  }

  #settle(n: number): Waiting | undefined {
    const waiting = this.#waiting.get(n);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(n);
    if (this.#waiting.size === 0) this.#overdue.value = false;
    return waiting;
  }
}
