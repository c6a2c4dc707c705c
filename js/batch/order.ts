/** Which rows of a batch are shown, and in which order. */

import {
  type Columns,
  FAILED,
  FINISHED,
  INVALID,
  REFUSED,
  SENT,
  TRUNCATED,
  WAITING,
} from "../core/batch-store";

export type SortKey = "row" | "status" | "tokens" | "ms" | "cost" | "attempts" | "order";

export interface Sorting {
  key: SortKey;
  descending: boolean;
}

export type Selection = "all" | "answered" | "failed" | "cut" | "refused" | "invalid" | "sent" | "waiting";

const SELECTED: Record<Exclude<Selection, "all">, readonly number[]> = {
  answered: [FINISHED, TRUNCATED, REFUSED],
  failed: [FAILED, INVALID],
  cut: [TRUNCATED],
  refused: [REFUSED],
  invalid: [INVALID],
  sent: [SENT],
  waiting: [WAITING],
};

/** The rows with one of the statuses, and among those that a search has found, in the order of the table. */
export function filtered(columns: Columns, selection: Selection, found: Uint8Array | null): Int32Array {
  const { status, total } = columns;
  const wanted = new Uint8Array(8);
  for (const code of selection === "all" ? wanted.keys() : SELECTED[selection]) wanted[code] = 1;
  const rows = new Int32Array(total);
  let count = 0;
  for (let row = 0; row < total; row += 1) {
    if (wanted[status[row] as number] && (found === null || found[row])) {
      rows[count] = row;
      count += 1;
    }
  }
  return rows.subarray(0, count);
}

/** Sorts `rows` in place; those without a figure are last, and equal ones in the order of the table. */
export function sortRows(rows: Int32Array, columns: Columns, { key, descending }: Sorting): Int32Array {
  if (key === "row") return descending ? rows.reverse() : rows;
  const value = figure(columns, key);
  const sign = descending ? -1 : 1;
  return rows.sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === b) return one - other;
    if (a < 0 || b < 0) return a < 0 ? 1 : -1;
    return (a - b) * sign;
  });
}

/** A figure of a row; -1 where there is none. */
function figure(columns: Columns, key: Exclude<SortKey, "row">): (row: number) => number {
  if (key === "cost") {
    const { cost } = columns;
    return (row) => {
      const value = cost[row] as number;
      return Number.isNaN(value) ? -1 : value;
    };
  }
  if (key === "attempts" || key === "order") {
    const values = columns[key];
    return (row) => values[row] || -1;
  }
  const values = key === "tokens" ? columns.output : columns[key];
  return (row) => values[row] as number;
}
