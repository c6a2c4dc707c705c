/**
 * What the kernel tells the inspector about a reply (`nbstream/inspection/pages.py`), and what a notebook keeps of
 * it. Times are seconds since the request.
 */

/** One event of the reply's log; the fields of its type stand beside these. Type "chunk": a chunk alone. */
export interface InspectedRow {
  type: string;
  at: number;
  /** Seconds since the delta before; null for all but deltas of the answer. */
  gap: number | null;
  /** Number of the chunk that it came from; null for what did not come from the server. */
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
  /** Cut where it is very long; `length` is that of the whole. */
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
  /** By the names of OpenTelemetry's conventions for generative AI. */
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
  /** The chunks that the rows name. */
  chunks: InspectedChunk[];
  /** No more rows will come. */
  over: boolean;
  /** Null where more rows are there already. */
  summary: InspectionSummary | null;
}

/** Asks the kernel for rows; resolves to an `InspectionPage`, and rejects where there is nobody to give it. */
export type Pull = (from: number) => Promise<unknown>;

/** Where an inspector gets its rows from. */
export interface InspectionSource {
  /** What a notebook has saved: an `InspectionPage`, if all is well. */
  saved?: unknown;
  /** How to get the rest; without it there is none. */
  pull?: Pull | undefined;
}

/** The module `js/inspector`. */
export interface InspectorModule {
  /** Draws the inspector into `host` until the returned function is called. */
  mountInspector(host: HTMLElement, source: InspectionSource): () => void;
}

export const INSPECTION_MIMETYPE = "application/vnd.nbstream.inspection+json";
