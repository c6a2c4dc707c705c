/**
 * The saved output of a comparison that has not ended: the last output from the kernel, and what the page has received
 * since. Python makes every other output (`nbstream/comparison/view/saved.py`).
 */

import {
  type Body,
  type CellHead,
  type CellStatus,
  COMPARISON_MIMETYPE,
  type GridSnapshot,
} from "../../core/grid-protocol";
import type { LiveComparison } from "../../page/live-grids";
import type { Output } from "../../page/live-outputs";
import { type Fields, record } from "../fields";
import { fenced, joined } from "../keeping/unfinished";
import { LineReader, multiline } from "../text-lines";

/** Why a saved comparison is not complete. */
export const UNFINISHED = {
  saved: "Unfinished: this comparison was saved before it was complete.",
  interrupted: "Interrupted: the kernel ended before this comparison was complete.",
} as const;

/** As in `nbstream/comparison/grid/markdown.py`: how much of several rows is in the Markdown. */
const MOST_ROWS = 20;
const MOST_CHARS = 200;

const OVER: readonly CellStatus[] = ["finished", "closed", "stopped", "failed", "skipped"];

/** @param known the last output from the kernel, or the one in the notebook */
export function unfinishedGrid(live: LiveComparison, known: Output | null): Output {
  const snapshot = live.snapshot();
  const bodies = new Map(live.bodies().map((body) => [body[0], body]));
  const before = list(record(known?.data[COMPARISON_MIMETYPE]).cells).map(record);
  const cells = snapshot.cells.map((head, index) => cellOf(head, bodies.get(index), before[index] ?? {}));
  const reason = live.isLost && !snapshot.done ? "interrupted" : "saved";
  const { left_out } = record(known?.data[COMPARISON_MIMETYPE]);
  const comparison = { ...layoutOf(snapshot), unfinished: reason, cells, ...(left_out ? { left_out } : {}) };
  return {
    data: {
      [COMPARISON_MIMETYPE]: comparison,
      ...textsOf(UNFINISHED[reason], known, moreOf(snapshot, cells, before)),
    },
    metadata: {
      ...known?.metadata,
      nbstream: { ...record(known?.metadata.nbstream), ...runOf(live.id, snapshot) },
    },
  };
}

function layoutOf({
  v,
  variants,
  shared,
  rows,
  n,
  checks,
  baseline,
  verdicts,
  changes,
}: GridSnapshot): Fields {
  return { v, variants, shared, rows, n, checks, baseline, verdicts, ...(changes && { changes }) };
}

/** An answer as Python saves it; empty values, and the status of one that is finished, are left out. */
function cellOf(
  [status, , , , , , checks, rating]: CellHead,
  body: Body | undefined,
  before: Fields,
): Fields {
  const values = {
    ...before,
    ...(body && { ...body[2], text: further(body[1], textOf(before)).split("\n"), chars: 0 }),
    status: status === "finished" ? "" : endedStatus(status),
    checks,
    rating,
  };
  const kept = Object.entries(values).filter(([, value]) => value && value !== "" && !isEmpty(value));
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && value[0] === "";
}

/** The text that was received, unless the kernel's copy continues it. */
function further(received: string, known: string): string {
  return known.startsWith(received) ? known : received;
}

/** As of a notebook in which nothing streams any more. */
function endedStatus(status: CellStatus): CellStatus {
  return OVER.includes(status) ? status : "stopped";
}

function textOf({ text: saved }: Fields): string {
  return new LineReader("").read(saved) ?? "";
}

/** What varies from run to run. */
function runOf(id: string, { cells, columns }: GridSnapshot): Fields {
  const figure = (place: 1 | 2 | 3 | 4) => cells.map((head) => head[place]);
  return {
    id,
    columns: columns.map((column) => ({ ...column, statuses: endedStatuses(column.statuses) })),
    ttft: figure(1),
    tokens_per_second: figure(2),
    output_tokens: figure(3),
    cost: figure(4),
  };
}

function endedStatuses(statuses: Partial<Record<CellStatus, number>>): Partial<Record<CellStatus, number>> {
  const ended: Partial<Record<CellStatus, number>> = {};
  for (const [status, count] of Object.entries(statuses) as [CellStatus, number][]) {
    ended[endedStatus(status)] = (ended[endedStatus(status)] ?? 0) + count;
  }
  return ended;
}

/** The kernel's Markdown, then the rest as code, in which no markup is interpreted. */
function textsOf(remark: string, known: Output | null, more: string): Fields {
  const before = (type: string) => withoutRemark(multiline(known?.data[type]));
  return {
    "text/markdown": joined([before("text/markdown"), more && fenced(more, "text"), `*${remark}*`]),
    "text/plain": joined([before("text/plain"), `[${remark}]`]),
  };
}

function withoutRemark(shown: string): string {
  const end = Object.values(UNFINISHED)
    .flatMap((remark) => [`*${remark}*`, `[${remark}]`])
    .find((remark) => shown.endsWith(remark));
  return (end ? shown.slice(0, -end.length) : shown).trimEnd();
}

/** The texts that the kernel's Markdown lacks, each below the names of its row and variant. */
function moreOf(snapshot: GridSnapshot, cells: readonly Fields[], before: readonly Fields[]): string {
  const { rows, variants, n } = snapshot;
  const isOne = rows.length === 1;
  const shown = isOne ? cells : cells.slice(0, MOST_ROWS * variants.length * n);
  const parts = shown.map((cell, index) => {
    const [now, old] = [textOf(cell), textOf(before[index] ?? {})];
    const added = now.startsWith(old) ? now.slice(old.length, isOne ? undefined : MOST_CHARS) : now;
    return added.trim() && `${nameOf(snapshot, index)}: ${added.trim()}`;
  });
  return parts.filter(Boolean).join("\n\n");
}

function nameOf({ rows, variants, n }: GridSnapshot, index: number): string {
  const row = rows[Math.floor(index / (variants.length * n))];
  const variant = variants[Math.floor(index / n) % variants.length];
  const number = n > 1 ? `(${(index % n) + 1})` : "";
  const parts = [rows.length > 1 ? `${row?.label},` : "", variant?.name, number];
  return parts.filter(Boolean).join(" ");
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
