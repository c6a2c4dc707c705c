/** Rows as text: the kind of each event, its summary in one line, and its figures. */

import type { InspectedRow } from "../core/inspection";

/** `delta`: a piece of the answer. `mark`: unusual. `chunk`: it produced no event. */
export type Kind = "delta" | "mark" | "chunk" | "other";

const KINDS: Record<string, Kind> = {
  text_delta: "delta",
  reasoning_delta: "delta",
  refusal_delta: "delta",
  tool_call_delta: "delta",
  chunk_skipped: "mark",
  warned: "mark",
  failed: "mark",
  retrying: "mark",
  continued: "mark",
  chunk: "chunk",
};

/** Signs of unusual rows: colour alone is not accessible. */
const SIGNS: Record<string, [sign: string, meaning: string]> = {
  chunk_skipped: ["⚠", "malformed, skipped"],
  warned: ["⚠", "warning"],
  failed: ["✕", "error"],
  retrying: ["↻", "retry"],
  continued: ["↻", "reconnect"],
};

/** Shown elsewhere in the row, or too long for one line. */
const LEFT_OUT = new Set(["type", "at", "gap", "chunk", "choice", "raw", "prompt_hash"]);
/** Fields that are shown first: a saved notebook sorts them alphabetically. */
const FIRST = ["model", "provider", "name", "attempt", "reason"];
/** Maximum length of a row's summary, in UTF-16 units. */
const LINE = 300;

export function kindOf(row: InspectedRow): Kind {
  return KINDS[row.type] ?? "other";
}

export function signOf(row: InspectedRow): [sign: string, meaning: string] {
  return SIGNS[row.type] ?? ["", ""];
}

/** The summary of a row, in one line. */
export function lineOf(row: InspectedRow): string {
  if (typeof row.text === "string") return JSON.stringify(row.text.slice(0, LINE));
  const told = Object.entries(row)
    .filter(([name, value]) => !LEFT_OUT.has(name) && hasContent(value))
    .sort(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1));
  return told
    .map(([name, value]) => `${name} ${phrase(value)}`)
    .join(", ")
    .slice(0, LINE);
}

function rank(name: string): number {
  const place = FIRST.indexOf(name);
  return place < 0 ? FIRST.length : place;
}

function hasContent(value: unknown): boolean {
  return value !== null && value !== "" && value !== false;
}

function phrase(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const known = Object.entries(value).filter(([, part]) => part !== null);
  return known.map(([name, part]) => `${name} ${String(part)}`).join(" ");
}

/** "0.4 ms", "38 ms", "1.20 s". */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const milliseconds = seconds * 1000;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

/** "12,345" */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
