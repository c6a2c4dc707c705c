/** Searches the texts of all rows, which only the kernel has. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** Searches from a row on for a short time, or among the given rows. */
export type SearchRows = (
  text: string,
  where: { from: number } | { rows: number[] },
) => Promise<{ found: number[]; next: number | null }>;

export interface Hits {
  /** 1 for each row in which the text is found. */
  rows: Uint8Array;
  /** Whether all rows have been searched. */
  done: boolean;
}

export class RowSearch {
  readonly #search: SearchRows;
  readonly #hits: Signal<Hits | null> = signal(null);
  #text = "";

  constructor(search: SearchRows) {
    this.#search = search;
  }

  /** Null without a search. */
  get hits(): ReadonlySignal<Hits | null> {
    return this.#hits;
  }

  /** Begins a search; an earlier one ends. */
  async begin(text: string, total: number): Promise<void> {
    this.#text = text.trim();
    if (this.#text === "") {
      this.#hits.value = null;
      return;
    }
    const hits = { rows: new Uint8Array(total), done: total === 0 };
    this.#hits.value = hits;
    let next: number | null = total === 0 ? null : 0;
    while (next !== null && this.#is(hits)) {
      const page: { found: number[]; next: number | null } = await this.#search(this.#text, { from: next });
      next = page.next;
      if (this.#is(hits)) this.#take(page.found, next === null);
    }
  }

  /** Searches rows that have changed. */
  async again(rows: number[]): Promise<void> {
    const hits = this.#hits.peek();
    if (hits === null || rows.length === 0) return;
    const { found } = await this.#search(this.#text, { rows });
    if (!this.#is(hits)) return;
    for (const row of rows) hits.rows[row] = 0;
    this.#take(found, this.#hits.peek()?.done === true);
  }

  /** Whether it is still the same search. */
  #is(hits: Hits): boolean {
    return this.#hits.peek()?.rows === hits.rows;
  }

  #take(found: readonly number[], done: boolean): void {
    const rows = this.#hits.peek()?.rows as Uint8Array;
    for (const row of found) rows[row] = 1;
    this.#hits.value = { rows, done };
  }
}
