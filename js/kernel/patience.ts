/** Tells when the kernel has not answered for a while: it is busy with something else, or gone. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** In ms. */
const PATIENCE = 2000;

export class Patience {
  readonly #overdue = signal(false);
  readonly #waiting = new Set<Promise<unknown>>();

  /** Whether an answer takes long: then the reader has to know. */
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
