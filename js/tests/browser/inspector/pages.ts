/** A long reply as the kernel would tell it, with hostile text in it. Bundled into the page by the tests. */

import type { InspectedChunk, InspectedRow, InspectionPage, InspectorModule } from "../../../core/inspection";

const PAGE = 1000;
const HOSTILE = "<img src=x onerror='window.pwned = 1'> \u202Etxt.exe";

/** Every thousandth row is out of the ordinary, in turn of each kind. */
const MARKS: Record<string, unknown>[] = [
  { type: "chunk_skipped", reason: "expected value", raw: HOSTILE },
  { type: "retrying", attempt: 1, attempts: 2, wait: 0.5, reason: "busy" },
  { type: "continued", way: "prefix", offset: 12, repeated: 0 },
  { type: "warned", kind: "bad_utf8", text: HOSTILE },
];

function rowAt(place: number): InspectedRow {
  const at = 0.5 + place / 100;
  const mark = place % 1000 === 500 ? MARKS[Math.floor(place / 1000) % MARKS.length] : undefined;
  if (mark) return { ...mark, type: String(mark.type), at, gap: null, chunk: place };
  if (place % 777 === 776) return { type: "chunk", at, gap: null, chunk: place };
  return {
    type: "text_delta",
    at,
    gap: place ? 0.01 : null,
    chunk: place,
    text: ` word ${place}`,
    choice: 0,
  };
}

function chunkAt(place: number): InspectedChunk {
  const row = rowAt(place);
  const content = row.type === "text_delta" ? row.text : HOSTILE;
  const data = JSON.stringify({ id: "c-1", choices: [{ index: 0, delta: { content } }] });
  return { number: place, at: row.at, attempt: 1, name: "message", id: "", data, length: data.length };
}

export function pageOf(from: number, count: number, over = true): InspectionPage {
  const places = Array.from(
    { length: Math.max(0, Math.min(PAGE, count - from)) },
    (_, index) => from + index,
  );
  const last = from + places.length === count;
  return {
    v: 1,
    id: "reply-1",
    from,
    rows: places.map(rowAt),
    chunks: places.map(chunkAt),
    over: over && last,
    summary: last ? summaryOf(count) : null,
  };
}

function summaryOf(count: number): InspectionPage["summary"] {
  return {
    status: "finished",
    events: count,
    bytes: 250 * count,
    skipped: Math.ceil(count / 4000),
    retries: Math.ceil(count / 4000),
    reconnects: 0,
    timings: { ttft: 0.5, duration: 0.5 + count / 100, tokens_per_second: 100 },
    gaps: { count: count - 1, p50: 0.01, p95: 0.01, p99: 0.01, longest: 0.02 },
    attributes: { "gen_ai.response.model": HOSTILE },
    remarks: [],
  };
}

/** Imports the module from a Blob URL, as the widget does. */
async function openInspector(esm: string): Promise<void> {
  window.inspector = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
  window.pulled = [];
}

declare global {
  interface Window {
    pageOf: typeof pageOf;
    openInspector: typeof openInspector;
    inspector: InspectorModule;
    /** The requests to the kernel. */
    pulled: number[];
    unmount: () => void;
    pwned?: number;
  }
}

// The tests import this file as well, in Node.
if (typeof window !== "undefined") Object.assign(window, { pageOf, openInspector });
