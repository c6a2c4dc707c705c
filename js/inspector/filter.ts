/** Which rows are shown. */

import type { InspectedChunk, InspectedRow } from "../core/inspection";
import { kindOf } from "./wording";

export type Selection = "all" | "events" | "marks";

export interface Filter {
  selection: Selection;
  /** Searched in type, fields and raw chunk, ignoring case; empty for all. */
  words: string;
}

/** Numbers of the matching rows, or null if all match: the common case costs nothing. */
export class Filtering {
  readonly #filter: Filter;
  readonly #needle: string;
  readonly #chunkOf: (row: InspectedRow) => InspectedChunk | undefined;
  readonly #passed: number[] = [];
  #seen = 0;

  constructor(filter: Filter, chunkOf: (row: InspectedRow) => InspectedChunk | undefined) {
    this.#filter = filter;
    this.#needle = filter.words.trim().toLowerCase();
    this.#chunkOf = chunkOf;
  }

  /** Filters the rows added since the last call. */
  update(rows: readonly InspectedRow[]): readonly number[] | null {
    if (this.#filter.selection === "all" && !this.#needle) return null;
    for (; this.#seen < rows.length; this.#seen += 1) {
      const row = rows[this.#seen];
      if (row && this.#passes(row)) this.#passed.push(this.#seen);
    }
    return this.#passed;
  }

  #passes(row: InspectedRow): boolean {
    const kind = kindOf(row);
    const { selection } = this.#filter;
    if (selection === "marks" ? kind !== "mark" : selection === "events" && kind === "chunk") return false;
    if (!this.#needle) return true;
    const raw = this.#chunkOf(row)?.data ?? "";
    return raw.toLowerCase().includes(this.#needle) || fields(row).toLowerCase().includes(this.#needle);
  }
}

function fields(row: InspectedRow): string {
  return JSON.stringify(row);
}
