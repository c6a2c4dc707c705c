/**
 * Data of a reply for the inspector (`nbstream/inspection/pages.py`), as sent by the kernel and saved in a
 * notebook. Times are seconds since the request.
 */

/**
 * One event of the reply's log, with the fields of its type as well. Type "chunk": a chunk without an event.
 */
export interface InspectedRow {
  type: string;
  at: number;
  /** Seconds since the previous delta; null for other events. */
  gap: number | null;
  /** Number of its chunk; null if it is not from the server. */
  chunk: number | null;
  [field: string]: unknown;
}

/** One server-sent event, secrets masked. */
export interface InspectedChunk {
  number: number;
  at: number;
  /** Which response of the reply it belongs to, from 1. */
  attempt: number;
  name: string;
  id: string;
  /** Truncated if very long; `length` is the complete length. */
  data: string;
  length: number;
}

export interface Gaps {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  longest: number | null;
}

export interface InspectionSummary {
  status: string;
  events: number;
  bytes: number;
  skipped: number;
  retries: number;
  reconnects: number;
  timings: { ttft: number | null; duration: number | null; tokens_per_second: number | null };
  gaps: Gaps;
  /** Named by OpenTelemetry's conventions for generative AI. */
  attributes: Record<string, unknown>;
  /** Sentences for the reader. */
  remarks: string[];
}

export interface InspectionPage {
  v: 1;
  id: string;
  /** Number of the first row. */
  from: number;
  rows: InspectedRow[];
  /** The chunks that the rows refer to. */
  chunks: InspectedChunk[];
  /** No more rows will come. */
  over: boolean;
  /** Null if more rows are available already. */
  summary: InspectionSummary | null;
}

/** Requests rows from the kernel; resolves to an `InspectionPage`, rejects if no kernel has them. */
export type Pull = (from: number) => Promise<unknown>;

/** Where an inspector gets its rows from. */
export interface InspectionSource {
  /** Saved in a notebook: an `InspectionPage`, if it is valid. */
  saved?: unknown;
  /** How to get the rest; absent if there is none. */
  pull?: Pull | undefined;
}

/** The module `js/inspector`. */
export interface InspectorModule {
  /** Draws the inspector into `host` until the returned function is called. */
  mountInspector(host: HTMLElement, source: InspectionSource): () => void;
}

export const INSPECTION_MIMETYPE = "application/vnd.nbstream.inspection+json";
