/** Detects that the kernel has not answered for a while: it is busy or gone. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** In milliseconds. */
const PATIENCE = 2000;

export class Patience {
  readonly #overdue = signal(false);
  readonly #waiting = new Set<Promise<unknown>>();

  /** Whether an answer takes so long that the user must be informed. */
  get overdue(): ReadonlySignal<boolean> {
    return this.#overdue;
  }

  watch(answer: Promise<unknown>): void {
    this.#waiting.add(answer);
    const timer = setTimeout(() => {
      this.#overdue.value = true;
    }, PATIENCE);
    const settle = () => {
      clearTimeout(timer);
      this.#waiting.delete(answer);
      if (this.#waiting.size === 0) this.#overdue.value = false;
    };
    answer.then(settle, settle);
  }
}
