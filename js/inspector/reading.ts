/** Parses a page of rows from a notebook or a message: missing or invalid fields are left out. */

import type {
  Gaps,
  InspectedChunk,
  InspectedRow,
  InspectionPage,
  InspectionSummary,
} from "../core/inspection";

type Fields = Record<string, unknown>;

export function readPage(value: unknown): InspectionPage {
  const page = record(value);
  return {
    v: 1,
    id: text(page.id),
    from: number(page.from) ?? 0,
    rows: list(page.rows).map(readRow),
    chunks: list(page.chunks).map(readChunk),
    over: page.over === true,
    summary: isRecord(page.summary) ? readSummary(page.summary) : null,
  };
}

function readRow(value: unknown): InspectedRow {
  const row = record(value);
  return {
    ...row,
    type: text(row.type),
    at: number(row.at) ?? 0,
    gap: number(row.gap),
    chunk: number(row.chunk),
  };
}

function readChunk(value: unknown): InspectedChunk {
  const chunk = record(value);
  const data = text(chunk.data);
  return {
    number: number(chunk.number) ?? 0,
    at: number(chunk.at) ?? 0,
    attempt: number(chunk.attempt) ?? 1,
    name: text(chunk.name),
    id: text(chunk.id),
    data,
    length: number(chunk.length) ?? data.length,
  };
}

function readSummary(summary: Fields): InspectionSummary {
  const timings = record(summary.timings);
  return {
    status: text(summary.status),
    events: number(summary.events) ?? 0,
    bytes: number(summary.bytes) ?? 0,
    skipped: number(summary.skipped) ?? 0,
    retries: number(summary.retries) ?? 0,
    reconnects: number(summary.reconnects) ?? 0,
    timings: {
      ttft: number(timings.ttft),
      duration: number(timings.duration),
      tokens_per_second: number(timings.tokens_per_second),
    },
    gaps: readGaps(record(summary.gaps)),
    attributes: record(summary.attributes),
    remarks: list(summary.remarks).map(text).filter(Boolean),
  };
}

function readGaps(gaps: Fields): Gaps {
  return {
    count: number(gaps.count) ?? 0,
    p50: number(gaps.p50),
    p95: number(gaps.p95),
    p99: number(gaps.p99),
    longest: number(gaps.longest),
  };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
