/** The reader's word on calls of tools, heard by the kernel or not. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** How long the kernel has to acknowledge, in ms. */
const PATIENCE = 2000;

export class ApprovalController {
  readonly #send: (call: string, allow: boolean) => void;
  readonly #unheard = signal(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (call: string, allow: boolean) => void) {
    this.#send = send;
  }

  /** Whether the kernel has not taken note of the last word: then the reader has to know. */
  get unheard(): ReadonlySignal<boolean> {
    return this.#unheard;
  }

  decide(call: string, allow: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#unheard.value = true;
    }, PATIENCE);
    this.#send(call, allow);
  }

  /** The kernel has heard the word. */
  acknowledge(): void {
    clearTimeout(this.#timer);
    this.#unheard.value = false;
  }
}
