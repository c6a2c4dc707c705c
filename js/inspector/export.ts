/** Exports rows as JSON lines, like `reply.inspect().to_jsonl()`. */

import type { InspectedChunk, InspectedRow } from "../core/inspection";

export type ChunkOf = (row: InspectedRow) => InspectedChunk | undefined;

/** One line for each row, with the text of its chunk as `raw`. */
export function jsonLines(rows: Iterable<InspectedRow>, chunkOf: ChunkOf): string[] {
  const lines: string[] = [];
  for (const row of rows) lines.push(`${JSON.stringify({ ...row, raw: chunkOf(row)?.data ?? null })}\n`);
  return lines;
}

/** Offers text as a file; nothing leaves the browser. */
export function saveAs(name: string, parts: string[], document: Document): void {
  const url = URL.createObjectURL(new Blob(parts, { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** JSON with an indent of two; other text unchanged. */
export function pretty(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data;
  }
}
