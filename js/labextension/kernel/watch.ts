/**
 * What the kernel of a notebook reports about the shown answers: which are stale because an earlier turn of
 * their chat has changed, and which it produced itself.
 */

import type { Kernel, SessionContext } from "@jupyterlab/notebook";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Watched } from "../../core/cell-protocol";
import { KernelComm } from "./comm";

interface Told {
  /** Ids of cells; null if nbstream is not loaded. */
  stale: ReadonlySet<string> | null;
  /** Prefix of the ids of the kernel's replies; null if nbstream is not loaded. */
  process: string | null;
  /** Ids of cells whose turns of an earlier kernel were loaded from a file. */
  loaded: ReadonlySet<unknown>;
}

/** Whether the code of a cell is a question to nbstream: only a kernel with nbstream knows. */
export function isOfMagic(source: string): boolean {
  return source.trimStart().startsWith("%%chat");
}

/** Watches the kernel of one notebook. */
export class KernelWatch {
  readonly #context: SessionContext;
  readonly #answers: () => [string, string][];
  /** Null until the kernel has answered. */
  readonly #told: Signal<Told | null> = signal(null);
  #asked: { kernel: Kernel; comm: KernelComm } | null = null;
  #restarted = false;

  /** The cells whose answers are stale; null until a kernel reports them. */
  readonly stale: ReadonlySignal<ReadonlySet<string> | null> = computed(
    () => this.#told.value?.stale ?? null,
  );

  /** `answers` returns the ids of cells that show an answer, with the ids of their replies. */
  constructor(context: SessionContext, answers: () => [string, string][]) {
    this.#context = context;
    this.#answers = answers;
    context.kernelChanged.connect(() => this.ask());
    context.statusChanged.connect((_, status) => {
      // A restarted kernel does not know its earlier chats.
      if (status.endsWith("restarting")) {
        this.#forget();
        this.#restarted = true;
      } else if (status === "idle" && this.#restarted) {
        this.#restarted = false;
        this.ask();
      }
    });
  }

  /**
   * Whether the conversation is known not to contain the reply of a cell, because another kernel produced it;
   * `ofMagic` as in `isOfMagic`.
   */
  isEarlier(cell: string, reply: string, ofMagic: boolean): boolean {
    const told = this.#told.value;
    if (!told || told.loaded.has(cell)) return false;
    return told.process === null ? ofMagic : !reply.startsWith(told.process);
  }

  /**
   * Makes the kernel report, unless it already does. A kernel without nbstream closes the comm; it may load
   * nbstream later.
   */
  ask(): void {
    const kernel = this.#context.session?.kernel ?? null;
    if (kernel && this.#asked?.kernel === kernel && !this.#asked.comm.isDisposed) return;
    if (this.#asked?.kernel !== kernel) this.#forget();
    if (!kernel) return;
    const tell = (watched: Watched | null) => {
      if (this.#asked?.comm === comm) this.#told.value = toldBy(watched);
    };
    const comm = new KernelComm(kernel, {
      onMessage: (message) => message.t === "watched" && tell(message.data),
      onClose: () => tell(null),
    });
    this.#asked = { kernel, comm };
    comm.request({ name: "watch", answers: this.#answers() }).then(tell, () => tell(null));
  }

  #forget(): void {
    this.#asked = null;
    this.#told.value = null;
  }
}

function toldBy(watched: Watched | null): Told {
  if (!watched) return { stale: null, process: null, loaded: new Set() };
  const { stale, loaded, process } = watched;
  return { stale: new Set(stale), process, loaded: new Set(loaded) };
}
