/** Which rows of a comparison are drawn, and in which order. */

import type { CellHead, GridLayout } from "../core/grid-protocol";
import type { CellStore } from "../core/grid-store";

export type SortKey = "row" | "ttft" | "rate" | "tokens" | "cost" | "length" | "checks" | "rating";

export interface Sorting {
  key: SortKey;
  /** The variant whose answers are sorted by. */
  variant: number;
  descending: boolean;
}

/** A row of the table: one answer of each variant. */
export interface GridRow {
  row: number;
  /** Which of several answers to the same request. */
  sample: number;
}

/** The rows in the order of the table. */
export function rowsOf({ rows, n }: GridLayout): GridRow[] {
  return rows.flatMap((_, row) => Array.from({ length: n }, (_, sample) => ({ row, sample })));
}

/** The number of a cell in messages. */
export function cellNumber({ variants, n }: GridLayout, { row, sample }: GridRow, variant: number): number {
  return (row * variants.length + variant) * n + sample;
}

/** The variant of a cell. */
export function variantOf({ variants, n }: Pick<GridLayout, "variants" | "n">, number: number): number {
  return Math.floor((number % (variants.length * n)) / n);
}

/** The place in the table of the row that has a cell. */
export function placeOf({ variants, n }: GridLayout, rows: readonly GridRow[], number: number): number {
  const row = Math.floor(number / (variants.length * n));
  return rows.findIndex((one) => one.row === row && one.sample === number % n);
}

/** Sorts rows by the answers of one variant; those without a figure are last. */
export function sorted(
  rows: readonly GridRow[],
  layout: GridLayout,
  cells: readonly CellStore[],
  { key, variant, descending }: Sorting,
): GridRow[] {
  if (key === "row") return descending ? [...rows].reverse() : [...rows];
  const value = (row: GridRow) => figure(cells[cellNumber(layout, row, variant)]?.head.peek(), key);
  const valued = rows.map((row) => ({ row, value: value(row) }));
  valued.sort((one, other) => {
    if (one.value === null || other.value === null)
      return Number(one.value === null) - Number(other.value === null);
    return descending ? other.value - one.value : one.value - other.value;
  });
  return valued.map(({ row }) => row);
}

function figure(head: CellHead | undefined, key: Exclude<SortKey, "row">): number | null {
  if (!head) return null;
  const [, ttft, rate, tokens, cost, length, outcomes, rating] = head;
  const checks = [...outcomes].filter((outcome) => outcome === "p").length;
  return { ttft, rate, tokens, cost, length, checks, rating }[key];
}
