/**
 * Stop, heard by the kernel or not.
 *
 * A kernel that is busy with other work may not read widget messages until the cell ends. Then the server's
 * interrupt endpoint is asked, which is what the notebook's ■ button does.
 */

import { type Signal, signal } from "@preact/signals";
import type { StopControl, StopState } from "./stopping";

/** How long the kernel has to acknowledge, in ms. */
const PATIENCE = 600;

export interface StopperOptions {
  /** Sends the stop command to the kernel. */
  send: () => void;
  /** Interrupts the kernel through the server; rejects where that is not possible. */
  interrupt: () => Promise<void>;
  /** Whether the reply is still being produced. */
  running: () => boolean;
}

export class Stopper implements StopControl {
  readonly #state: Signal<StopState> = signal("idle");
  readonly #options: StopperOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StopperOptions) {
    this.#options = options;
  }

  get state() {
    return this.#state;
  }

  request(): void {
    if (this.#state.value === "asked") return;
    this.#state.value = "asked";
    this.#timer = setTimeout(() => this.#insist(), PATIENCE);
    this.#options.send();
  }

  /** The kernel has heard the request. */
  acknowledge(): void {
    clearTimeout(this.#timer);
  }

  /** There is nothing left to stop; the next request starts afresh. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#state.value = "idle";
  }

  async #insist(): Promise<void> {
    // An answer that ended meanwhile must not cost another cell its run.
    if (!this.#options.running()) return;
    try {
      await this.#options.interrupt();
    } catch {
      this.#state.value = "unheard";
    }
  }
}
