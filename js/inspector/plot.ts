/**
 * The data of the timeline: rows aggregated into columns, so that a long reply costs no more than a short
 * one.
 */

import type { InspectedRow } from "../core/inspection";
import { kindOf } from "./wording";

/** What happened in one stretch of time. */
export interface Column {
  deltas: number;
  /** Longest gap that ended here, in seconds. */
  gap: number;
}

export interface Plot {
  /** Seconds since the request at the left end, and at the right. */
  from: number;
  to: number;
  columns: Column[];
  mostDeltas: number;
  longestGap: number;
  /** When the first delta came, in seconds on the axis of the rows; `ttft` counts from when the request was sent. */
  firstDelta: number | null;
  /** Rows with unusual events, at most one per column. */
  marks: InspectedRow[];
}

const SHORTEST = 0.001;

/** Maximum share of the width for a wait that is longer than the rest. */
const WAIT_SHOWN = 0.15;

export function plotOf(rows: readonly InspectedRow[], width: number): Plot {
  const { from, to } = stretch(rows);
  const columns = Array.from({ length: width }, () => ({ deltas: 0, gap: 0 }));
  const firstDelta = rows.find((row) => kindOf(row) === "delta")?.at ?? null;
  const marked = new Map<number, InspectedRow>();
  for (const row of rows) {
    const place = Math.max(0, Math.min(width - 1, Math.floor(((row.at - from) / (to - from)) * width)));
    const kind = kindOf(row);
    if (kind === "mark" && !marked.has(place)) marked.set(place, row);
    const column = columns[place];
    if (kind !== "delta" || !column) continue;
    column.deltas += 1;
    column.gap = Math.max(column.gap, row.gap ?? 0);
  }
  return {
    from,
    to,
    firstDelta,
    columns,
    mostDeltas: Math.max(...columns.map(({ deltas }) => deltas)),
    longestGap: Math.max(...columns.map(({ gap }) => gap)),
    marks: [...marked.values()],
  };
}

/** Starts at the request, unless the answer would be too narrow at the right end. */
function stretch(rows: readonly InspectedRow[]): { from: number; to: number } {
  const to = Math.max(SHORTEST, rows.at(-1)?.at ?? 0);
  const first = rows.find((row) => kindOf(row) === "delta")?.at ?? 0;
  const from = first > to / 2 ? first - (to - first) * WAIT_SHOWN : 0;
  return { from: Math.max(0, Math.min(from, to - SHORTEST)), to };
}

/** About five round numbers of seconds in a range. */
export function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}
