/**
 * Stops a reply, even if the kernel is busy.
 *
 * A busy kernel may not read widget messages until the cell ends; then the kernel is interrupted through the
 * server, as with the notebook's ■ button.
 */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** How long the kernel has to acknowledge, in ms. */
const PATIENCE = 600;

/** "unheard": neither the kernel nor the server accepted the request; the user must be informed. */
export type StopState = "idle" | "asked" | "unheard";

/** The notice that a command did not reach the kernel. */
export const unheard = (what: string) =>
  `The kernel did not ${what}. Interrupt it with ■ in the notebook's toolbar.`;

export const STOP_UNHEARD = unheard("respond to Stop");

export interface StopControl {
  readonly state: ReadonlySignal<StopState>;
  request(): void;
}

export interface StopControllerOptions {
  /** Sends the stop command to the kernel; settles when the kernel answers. */
  request: () => Promise<unknown>;
  /** Interrupts the kernel through the server; rejects if that is not possible. */
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

  /** There is nothing left to stop; the next request starts from the beginning. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#state.value = "idle";
  }

  async #insist(): Promise<void> {
    // If the answer has ended, the interrupt would stop another cell.
    if (!this.#options.running()) return;
    try {
      await this.#options.interrupt();
    } catch {
      this.#state.value = "unheard";
    }
  }
}
