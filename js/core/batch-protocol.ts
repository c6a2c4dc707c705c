/**
 * Messages between Python (`nbstream/batching/view/`) and the live table of a batch.
 *
 * The kernel sends the figures of all rows that change, which the page sorts and filters, and texts of those in sight
 * only: the page names them with `show`. All messages are numbered; after a gap the page requests a snapshot with
 * `resync`, and then the rows, some thousands at a time.
 */

import type { CellOutput } from "./cell-protocol";
import type { Answer, Request } from "./commands";
import type { SharedCommands } from "./protocol";

export const BATCH_MIMETYPE = "application/vnd.nbstream.batch+json";

/** One letter per row: w(aiting), s(ent), f(inished), t(runcated), r(efused), i(nvalid), x (failed). */
export const STATUS_LETTERS = "wsftrix";

/** Figures of rows, one list for each figure: a hundred thousand objects would be slow to read. */
export interface RowColumns {
  /** Numbers of the rows. */
  at: number[];
  /** A letter for each row. */
  status: string;
  input: (number | null)[];
  output: (number | null)[];
  /** US dollars. */
  cost: (number | null)[];
  ms: (number | null)[];
  attempts: number[];
  /** In which order rows ended, from 1; 0 for those that have not. */
  order: number[];
}

/** Values and beginning of the answer. */
export type RowText = [row: number, values: string, answer: string];

export interface BatchFigures {
  phase: "new" | "running" | "paused" | "draining" | "ended";
  answered: number;
  failed: number;
  /** Answers that were cut off. */
  cut: number;
  /** Answers that cost nothing in this run. */
  stored: number;
  in_flight: number;
  input: number;
  output: number;
  /** Rows a second; null at first. */
  rate: number | null;
  seconds_left: number | null;
  /** US dollars. */
  cost: number;
  expected_cost: number | null;
  /** Failed rows by the kind of their error, most frequent first. */
  errors: [kind: string, count: number][];
  /** Requests that a provider's Batch API has answered, and all that it has; null for single requests. */
  jobs: [done: number, requests: number] | null;
  /** Why the run stopped before its end; may be empty. */
  problem: string;
  /** How often the output of the ended batch was written. */
  written: number;
}

export interface BatchSnapshot {
  v: 1;
  /** Names the batch in its page. */
  id: string;
  seq: number;
  /** Rows of the table. */
  total: number;
  /** Whether any row was sent or has ended: the page then requests the rows. */
  begun: boolean;
  figures: BatchFigures;
}

export interface RowsMessage {
  t: "rows";
  seq: number;
  rows?: RowColumns;
  texts?: RowText[];
  figures?: BatchFigures;
}

export type FromBatch = Answer | RowsMessage | { t: "snapshot"; state: BatchSnapshot };

/** What was sent for a row, and the response; a row that has not ended has no answer. */
export interface Exchange {
  row: number;
  /** How the table's owner finds the row: the label of its index, or its number. */
  label: string;
  messages: [role: string, text: string][];
  answer?: string;
  reasoning?: string;
  error?: string | null;
  finish_reason?: string | null;
  input?: number | null;
  output?: number | null;
  cached_tokens?: number | null;
  /** US dollars. */
  cost?: number | null;
  seconds?: number | null;
  attempts?: number;
  /** Whether nothing was sent for this row in this run. */
  cached?: boolean;
}

export interface BatchCommands extends SharedCommands {
  resync(): void;
  pause(): void;
  resume(): void;
  /** Sends nothing new, and waits for the requests in flight. */
  stop(): void;
  /** Also cancels the requests in flight. */
  cancel(): void;
  /** Sends the rows that failed again. */
  retry(): void;
  /** Some thousand rows from one on; `next` is null at the end. */
  rows(args: { from: number }): { rows: RowColumns; next: number | null };
  /** The rows in sight of this page; the texts of those that it lacks are returned. */
  show(args: { page: string; rows: number[]; lacking: number[] }): { texts: RowText[] };
  /**
   * Numbers of rows in which a text is found, ignoring case. The kernel searches from a row on for some milliseconds,
   * and the page continues at `next`; or it searches the given rows.
   */
  search(args: { text: string; from?: number; rows?: number[] }): { found: number[]; next: number | null };
  exchange(args: { row: number }): Exchange;
  /** The page has applied the messages up to this one. */
  seen(args: { seq: number }): void;
  /** The page writes the output from now on, until the batch has ended. */
  keep(): void;
  /** The output as of now. */
  output(): CellOutput;
  /** The output is saved or deleted: no page has to bring it back. */
  release(): void;
  gone(args: { page: string }): void;
}

export type BatchRequest = Request<BatchCommands>;
