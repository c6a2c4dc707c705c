/** The state of a batch in the front end: written only here, read by any number of views. */

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import {
  type BatchFigures,
  type BatchSnapshot,
  type RowColumns,
  type RowsMessage,
  type RowText,
  STATUS_LETTERS,
} from "./batch-protocol";

/** How many unusable messages to ignore before requesting another snapshot. */
const MESSAGES_PER_RESYNC = 32;
/** Texts that are kept: of the rows in sight, and of those around that were in sight. */
const MOST_TEXTS = 2000;

export const [WAITING, SENT, FINISHED, TRUNCATED, REFUSED, INVALID, FAILED] = [0, 1, 2, 3, 4, 5, 6] as const;

/** The figures of all rows, as columns: a hundred thousand rows take 3.5 MB. */
export class Columns {
  readonly status: Uint8Array;
  /** -1 where there is none. */
  readonly input: Int32Array;
  readonly output: Int32Array;
  /** NaN where there is none. */
  readonly cost: Float64Array;
  /** -1 where there is none. */
  readonly ms: Int32Array;
  readonly attempts: Uint16Array;
  readonly order: Int32Array;

  constructor(readonly total: number) {
    this.status = new Uint8Array(total);
    this.input = new Int32Array(total).fill(-1);
    this.output = new Int32Array(total).fill(-1);
    this.cost = new Float64Array(total).fill(Number.NaN);
    this.ms = new Int32Array(total).fill(-1);
    this.attempts = new Uint16Array(total);
    this.order = new Int32Array(total);
  }

  set({ at, status, input, output, cost, ms, attempts, order }: RowColumns): void {
    for (const [index, row] of at.entries()) {
      this.status[row] = Math.max(0, STATUS_LETTERS.indexOf(status[index] ?? ""));
      this.input[row] = input[index] ?? -1;
      this.output[row] = output[index] ?? -1;
      this.cost[row] = cost[index] ?? Number.NaN;
      this.ms[row] = ms[index] ?? -1;
      this.attempts[row] = attempts[index] ?? 0;
      this.order[row] = order[index] ?? 0;
    }
  }
}

export interface BatchStoreOptions {
  /** A message is missing: the kernel should send a snapshot. */
  resync?: () => void;
  /** All rows have to be requested. */
  lack?: () => void;
}

export class BatchStore {
  readonly #options: BatchStoreOptions;
  readonly #figures: Signal<BatchFigures>;
  readonly #version = signal(0);
  readonly #texts = new Map<number, RowText>();
  /** Rows that ended since they were last taken: a search has to look at them again. */
  readonly #fresh = new Set<number>();
  #columns: Columns;
  #seq: number;
  #unusable = 0;

  constructor(snapshot: BatchSnapshot, options: BatchStoreOptions = {}) {
    this.#options = options;
    this.#figures = signal(snapshot.figures);
    this.#columns = new Columns(snapshot.total);
    this.#seq = snapshot.seq;
  }

  get figures(): ReadonlySignal<BatchFigures> {
    return this.#figures;
  }

  /** Changes with each change of rows or texts. The columns themselves are changed in place. */
  get version(): ReadonlySignal<number> {
    return this.#version;
  }

  get columns(): Columns {
    return this.#columns;
  }

  /** Number of the last message. */
  get seq(): number {
    return this.#seq;
  }

  get total(): number {
    return this.#columns.total;
  }

  /** Values and beginning of the answer; undefined while the page lacks them. */
  text(row: number): RowText | undefined {
    return this.#texts.get(row);
  }

  /** The rows that have ended since the last call. */
  takeFresh(): number[] {
    const rows = [...this.#fresh];
    this.#fresh.clear();
    return rows;
  }

  /** Replaces everything, unless the snapshot is an old one; rows and texts are requested again. */
  applySnapshot(snapshot: BatchSnapshot): void {
    if (snapshot.seq < this.#seq) return;
    this.#seq = snapshot.seq;
    this.#unusable = 0;
    this.#texts.clear();
    if (snapshot.total !== this.total) this.#columns = new Columns(snapshot.total);
    batch(() => {
      this.#figures.value = snapshot.figures;
      this.#version.value += 1;
    });
    if (snapshot.begun) this.#options.lack?.();
  }

  /** Applies a message; ignores a repeated one, and requests a snapshot after a gap. */
  apply({ seq, rows, texts = [], figures }: RowsMessage): void {
    if (seq <= this.#seq) return;
    if (seq > this.#seq + 1) {
      if (this.#unusable % MESSAGES_PER_RESYNC === 0) this.#options.resync?.();
      this.#unusable += 1;
      return;
    }
    this.#seq = seq;
    batch(() => {
      if (figures) this.#figures.value = figures;
      if (rows) this.takeRows(rows);
      if (texts.length > 0) this.takeTexts(texts);
    });
  }

  /** Takes figures of rows, also those that were requested. */
  takeRows(rows: RowColumns): void {
    this.#columns.set(rows);
    for (const row of rows.at) {
      if ((this.#columns.status[row] ?? 0) > SENT) this.#fresh.add(row);
      // Its text is out of date, unless the same message brings it.
      this.#texts.delete(row);
    }
    this.#version.value += 1;
  }

  takeTexts(texts: readonly RowText[]): void {
    for (const text of texts) {
      this.#texts.delete(text[0]);
      this.#texts.set(text[0], text);
    }
    for (const row of this.#texts.keys()) {
      if (this.#texts.size <= MOST_TEXTS) break;
      this.#texts.delete(row);
    }
    this.#version.value += 1;
  }
}
