/** The figures of the timeline: rows gathered into columns, so that a long reply costs no more than a short one. */

import type { InspectedRow } from "../core/inspection";
import { kindOf } from "./wording";

/** What happened in one stretch of time. */
export interface Column {
  deltas: number;
  /** Longest gap that ended here, in seconds. */
  gap: number;
}

export interface Plot {
  /** Seconds from the left end to the right. */
  span: number;
  columns: Column[];
  mostDeltas: number;
  longestGap: number;
  /** Rows out of the ordinary, at most one for each column. */
  marks: InspectedRow[];
}

const SHORTEST = 0.001;

export function plotOf(rows: readonly InspectedRow[], width: number): Plot {
  const span = Math.max(SHORTEST, rows.at(-1)?.at ?? 0);
  const columns = Array.from({ length: width }, () => ({ deltas: 0, gap: 0 }));
  const marked = new Map<number, InspectedRow>();
  for (const row of rows) {
    const place = Math.min(width - 1, Math.floor((row.at / span) * width));
    const kind = kindOf(row);
    if (kind === "mark" && !marked.has(place)) marked.set(place, row);
    const column = columns[place];
    if (kind !== "delta" || !column) continue;
    column.deltas += 1;
    column.gap = Math.max(column.gap, row.gap ?? 0);
  }
  return {
    span,
    columns,
    mostDeltas: Math.max(...columns.map(({ deltas }) => deltas)),
    longestGap: Math.max(...columns.map(({ gap }) => gap)),
    marks: [...marked.values()],
  };
}

/** Round numbers of seconds from 0 to the end, about five of them. */
export function ticks(span: number): number[] {
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.floor(span / step + 1e-9) + 1 }, (_, index) => index * step);
}
