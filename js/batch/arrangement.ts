/** The rows that are shown, in their order, while they change. */

import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { BatchStore } from "../core/batch-store";
import { filtered, type Selection, type Sorting, sortRows } from "./order";
import type { Hits } from "./search";

/** Shortest time between two arrangements of changing rows, in ms. */
const INTERVAL = 1000;
/** Part of the time that may be spent on arrangements. */
const SHARE = 1 / 40;

export interface ArrangementOptions {
  store: BatchStore;
  sorting: ReadonlySignal<Sorting>;
  selection: ReadonlySignal<Selection>;
  hits: ReadonlySignal<Hits | null>;
  /** Milliseconds on any clock. */
  now?: () => number;
}

/** A reader's choice acts at once. Changed rows are arranged again from time to time: sorting many takes long. */
export class Arrangement {
  readonly #options: ArrangementOptions;
  readonly #rows: Signal<Int32Array>;
  readonly #now: () => number;
  readonly #end: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = 0;

  constructor(options: ArrangementOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#rows = signal(new Int32Array(0));
    const { store, sorting, selection, hits } = options;
    // The figures change with each message.
    const phase = computed(() => store.figures.value.phase);
    this.#end = [
      effect(() => {
        void [sorting.value, selection.value, hits.value, phase.value];
        untracked(() => this.#arrange());
      }),
      effect(() => {
        void store.version.value;
        untracked(() => this.#changed());
      }),
    ];
  }

  get rows(): ReadonlySignal<Int32Array> {
    return this.#rows;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const end of this.#end) end();
  }

  #changed(): void {
    const { store, sorting, selection, hits } = this.#options;
    const isWhole =
      sorting.peek().key === "row" && selection.peek() === "all" && this.#rows.peek().length === store.total;
    if ((isWhole && hits.peek() === null) || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#arrange(), Math.max(0, this.#due - this.#now()));
  }

  #arrange(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { store, sorting, selection, hits } = this.#options;
    const began = this.#now();
    const rows = filtered(store.columns, selection.peek(), hits.peek()?.rows ?? null);
    this.#rows.value = sortRows(rows, store.columns, sorting.peek());
    const ended = this.#now();
    this.#due = ended + Math.max(INTERVAL, (ended - began) / SHARE);
  }
}
