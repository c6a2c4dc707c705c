/**
 * What the kernel of a notebook says of the answers that are shown: which are stale, as an earlier turn of their
 * chat has changed since, and which it gave itself.
 */

import type { Kernel, SessionContext } from "@jupyterlab/notebook";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Watched } from "../../core/cell-protocol";
import { KernelComm } from "./comm";

interface Told {
  /** Ids of cells; null where it has no nbstream. */
  stale: ReadonlySet<string> | null;
  /** What the ids of the kernel's replies begin with; null where it has no nbstream. */
  process: string | null;
  /** Ids of cells whose turns of an earlier kernel were loaded from a file. */
  loaded: ReadonlySet<unknown>;
}

/** Whether the code of a cell is a question to nbstream: only a kernel that has it can answer that. */
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

  /** The cells whose answers are stale; null while no kernel tells. */
  readonly stale: ReadonlySignal<ReadonlySet<string> | null> = computed(
    () => this.#told.value?.stale ?? null,
  );

  /** `answers` gives the ids of the cells that show an answer, each with that of the reply. */
  constructor(context: SessionContext, answers: () => [string, string][]) {
    this.#context = context;
    this.#answers = answers;
    context.kernelChanged.connect(() => this.ask());
    context.statusChanged.connect((_, status) => {
      // A kernel that was restarted knows nothing of its earlier chats.
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
   * Whether the conversation is without the reply of a cell because another kernel gave it, as far as is known;
   * `ofMagic` as of `isOfMagic`.
   */
  isEarlier(cell: string, reply: string, ofMagic: boolean): boolean {
    const told = this.#told.value;
    if (!told || told.loaded.has(cell)) return false;
    return told.process === null ? ofMagic : !reply.startsWith(told.process);
  }

  /** Has the kernel tell, unless it does so already. One without nbstream closes the comm; asked later it may have it. */
  ask(): void {
    const kernel = this.#context.session?.kernel ?? null;
    if (kernel && this.#asked?.kernel === kernel && !this.#asked.comm.isDisposed) return;
    if (this.#asked?.kernel !== kernel) this.#forget();
    if (!kernel) return;
    const tell = (watched: Watched | null) => {
      if (this.#asked?.comm === comm) this.#told.value = toldBy(watched);
    };
    const comm = new KernelComm(kernel, {
      onMessage: ({ data }) => tell(data),
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
