/** Which cells the kernel calls stale: an earlier turn of their chat has changed since they were answered. */

import type { Comm, Kernel, SessionContext } from "@jupyterlab/notebook";
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { TARGET } from "./orders";

/** The stale cells of one notebook. */
export class StaleCells {
  readonly #context: SessionContext;
  readonly #cells: Signal<ReadonlySet<string> | null> = signal(null);
  #asked: { kernel: Kernel; comm: Comm } | null = null;

  constructor(context: SessionContext) {
    this.#context = context;
    context.kernelChanged.connect(() => this.ask());
    context.statusChanged.connect((_, status) => {
      // A kernel that starts anew knows nothing of its earlier chats.
      if (status.endsWith("restarting")) this.#forget();
    });
  }

  /** Null while no kernel tells. */
  get cells(): ReadonlySignal<ReadonlySet<string> | null> {
    return this.#cells;
  }

  /** Has the kernel tell, unless it does so already. One without nbstream closes the comm; asked later it may have it. */
  ask(): void {
    const kernel = this.#context.session?.kernel ?? null;
    if (kernel && this.#asked?.kernel === kernel && !this.#asked.comm.isDisposed) return;
    this.#forget();
    if (!kernel) return;
    const comm = kernel.createComm(TARGET);
    comm.onMsg = ({ content }) => {
      const { stale } = content.data;
      if (Array.isArray(stale) && this.#asked?.comm === comm) this.#cells.value = new Set(stale);
    };
    this.#asked = { kernel, comm };
    comm.open({ t: "watch" });
  }

  #forget(): void {
    this.#asked = null;
    this.#cells.value = null;
  }
}
