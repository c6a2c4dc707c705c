/**
 * Stop, heard by the kernel or not.
 *
 * A kernel that is busy with other work may not read widget messages until the cell ends. Then the server's
 * interrupt endpoint is asked, which is what the notebook's ■ button does.
 */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** How long the kernel has to acknowledge, in ms. */
const PATIENCE = 600;

/** "unheard": neither the kernel nor the server took the request; the reader has to know. */
export type StopState = "idle" | "asked" | "unheard";

export interface StopControl {
  readonly state: ReadonlySignal<StopState>;
  request(): void;
}

export interface StopControllerOptions {
  /** Sends the stop command to the kernel; settles when the kernel has answered. */
  request: () => Promise<unknown>;
  /** Interrupts the kernel through the server; rejects where that is not possible. */
  interrupt: () => Promise<void>;
  /** Whether the reply is still being produced. */
  running: () => boolean;
}

export class StopController implements StopControl {
  readonly #state: Signal<StopState> = signal("idle");
  readonly #options: StopControllerOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StopControllerOptions) {
    this.#options = options;
  }

  get state() {
    return this.#state;
  }

  request(): void {
    if (this.#state.value === "asked") return;
    this.#state.value = "asked";
    const timer = setTimeout(() => this.#insist(), PATIENCE);
    this.#timer = timer;
    const settle = () => clearTimeout(timer);
    // Refused or not, the kernel has received it.
    this.#options.request().then(settle, settle);
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
