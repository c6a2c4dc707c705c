/**
 * Messages between Python (`nbstream/comparison/view/`) and the front end of a comparison, and what a notebook saves.
 *
 * The kernel sends figures of all cells, and texts of those in sight only: the page names them with `show`. All
 * messages are numbered; after a gap the page requests a snapshot with `resync`.
 */

import type { Answer, Request } from "./commands";
import type { InspectionPage } from "./inspection";
import type { SharedCommands } from "./protocol";

export const COMPARISON_MIMETYPE = "application/vnd.nbstream.comparison+json";

export type CellStatus =
  | "waiting"
  | "submitted"
  | "streaming"
  | "finished"
  | "closed"
  | "stopped"
  | "failed"
  | "skipped";

/**
 * Status, seconds to the first token, tokens/s, output tokens, US dollars, characters, outcomes, rating. The outcomes
 * are one character per check: p(assed), f(ailed), e(rror) or · (open).
 */
export type CellHead = [
  status: CellStatus,
  ttft: number | null,
  rate: number | null,
  tokens: number | null,
  cost: number | null,
  length: number,
  outcomes: string,
  rating: -1 | 0 | 1,
];

/** What is only known of cells in sight. */
export interface CellDetails {
  error?: string;
  /** Why checks passed or failed, by their names. */
  reasons?: Record<string, string>;
  /** The reader's note. */
  note?: string;
}

export interface VariantHeading {
  name: string;
  /** The parts in which it differs from other variants, and what they are. */
  differing: [part: string, name: string][];
}

export interface RowHeading {
  label: string;
  /** Shortened. */
  fields: [column: string, value: string][];
}

/** All that does not change while answers stream. */
export interface GridLayout {
  variants: VariantHeading[];
  /** The parameters that all variants have. */
  shared: [name: string, value: string][];
  rows: RowHeading[];
  /** Answers to each request. The cells are in the order of rows, variants and answers. */
  n: number;
  checks: string[];
}

/** Of one variant; medians and sums. */
export interface ColumnFigures {
  statuses: Partial<Record<CellStatus, number>>;
  /** Share of passed answers with its interval, and their number. */
  passed: [estimate: number, low: number, high: number, n: number] | null;
  ttft: number | null;
  tokens_per_second: number | null;
  output_tokens: number;
  cost: number | null;
}

/** What an edit changed since an earlier comparison. */
export interface OutcomeChanges {
  /** Lines of the prompts that differ, marked with "- " and "+ ". */
  prompts: string[];
  /** The answers that pass now and did not before. */
  good: number[];
  /** The answers that passed before and do not any more. */
  bad: number[];
  /** How many have the same outcome. */
  unchanged: number;
}

export interface GridFigures {
  columns: ColumnFigures[];
  /** Only where there is an earlier comparison. */
  changes?: OutcomeChanges;
  /** Sentences about what is decided. */
  verdicts: string[];
  /** The variant that the others are compared with. */
  baseline: number;
  /** Whether all answers have ended. */
  done: boolean;
  /** How often the kernel has written the output of the ended comparison. */
  written: number;
}

export interface GridSnapshot extends GridLayout, GridFigures {
  v: 1;
  /** Names the comparison in its page; "" if unknown. */
  id?: string;
  seq: number;
  cells: CellHead[];
}

export type Body = [cell: number, text: string, details: CellDetails];

/** Offsets count UTF-16 units. */
export interface CellsMessage {
  t: "cells";
  seq: number;
  texts?: [cell: number, offset: number, added: string][];
  heads?: [cell: number, head: CellHead][];
  details?: [cell: number, details: CellDetails][];
  figures?: GridFigures;
}

export type FromGrid = Answer | CellsMessage | { t: "snapshot"; state: GridSnapshot };

export interface GridCommands extends SharedCommands {
  resync(): void;
  /** The cells in sight of this page; the texts of those that it lacks are returned. */
  show(args: { page: string; cells: number[]; lacking: number[] }): { bodies: Body[] };
  /** One answer, a column, or without arguments all. */
  stop(args: { cell?: number; variant?: number }): void;
  rate(args: { cell: number; score: 1 | 0 | -1; note: string }): void;
  pin(args: { variant: number }): void;
  retry(args: { cell: number }): void;
  /** A chat continues from the answer; says which. */
  adopt(args: { cell: number }): { notice: string };
  inspect(args: { cell: number; from: number }): InspectionPage;
  /** The page writes the output from now on, until the comparison has ended. */
  keep(): void;
  /** The current output, also of a comparison that has not ended. */
  output(): { data: Record<string, unknown>; metadata: Record<string, unknown> };
  /** The output is saved or deleted: no page brings it back. */
  release(): void;
  gone(args: { page: string }): void;
}

export type GridRequest = Request<GridCommands>;
