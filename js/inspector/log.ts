/** The rows of one reply in the front end: written only here, from pages of the notebook and the kernel. */

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type {
  InspectedChunk,
  InspectedRow,
  InspectionSource,
  InspectionSummary,
  Pull,
} from "../core/inspection";
import { readPage } from "./reading";

/** How long to wait before requesting rows from the kernel again, in ms. */
const PAUSE = 400;

/** `gone`: the kernel no longer has the reply, or there is no kernel. */
export type LogState = "loading" | "live" | "over" | "gone";

export class InspectionLog {
  /** Grows; `count` is its length. */
  readonly rows: InspectedRow[] = [];
  readonly #chunks = new Map<number, InspectedChunk>();
  readonly #count = signal(0);
  readonly #summary: Signal<InspectionSummary | null> = signal(null);
  readonly #state: Signal<LogState> = signal("loading");
  #closed = false;

  get count(): ReadonlySignal<number> {
    return this.#count;
  }

  get summary(): ReadonlySignal<InspectionSummary | null> {
    return this.#summary;
  }

  get state(): ReadonlySignal<LogState> {
    return this.#state;
  }

  chunk(row: InspectedRow | undefined): InspectedChunk | undefined {
    return row?.chunk == null ? undefined : this.#chunks.get(row.chunk);
  }

  /** Reads the saved rows, then the rest from the kernel, until the reply has ended or `close` is called. */
  async follow({ saved, pull }: InspectionSource): Promise<void> {
    if (saved !== undefined) this.#add(saved);
    while (!this.#closed && this.#state.peek() !== "over") {
      const before = this.rows.length;
      if (!pull || !(await this.#pulled(pull))) {
        this.#state.value = "gone";
        return;
      }
      if (this.#state.peek() !== "over" && this.rows.length === before) {
        await new Promise((resume) => setTimeout(resume, PAUSE));
      }
    }
  }

  close(): void {
    this.#closed = true;
  }

  async #pulled(pull: Pull): Promise<boolean> {
    const page = await pull(this.rows.length).catch(() => null);
    if (typeof page !== "object" || page === null) return false;
    if (!this.#closed) this.#add(page);
    return true;
  }

  #add(value: unknown): void {
    const page = readPage(value);
    if (page.from !== this.rows.length) return;
    for (const chunk of page.chunks) this.#chunks.set(chunk.number, chunk);
    for (const row of page.rows) this.rows.push(row);
    batch(() => {
      this.#count.value = this.rows.length;
      if (page.summary) this.#summary.value = page.summary;
      this.#state.value = page.over ? "over" : "live";
    });
  }
}
