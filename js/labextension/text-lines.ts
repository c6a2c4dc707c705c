/**
 * Texts of a notebook file that refer to lines of the Markdown in the same output:
 * `nbstream/views/text_lines.py`.
 */

/** A line of inert Markdown with its character references decoded. */
export function asSeen(line: string): string {
  return line.replaceAll(
    /<span>&#([0-9]{2,3});<\/span>|&#([0-9]{2,3});/g,
    (_, inSpan?: string, plain?: string) => String.fromCharCode(Number(inSpan ?? plain)),
  );
}

/** Reads texts that share lines with one Markdown text, in the order in which they were written. */
export class LineReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(markdown: string) {
    this.#lines = markdown.split("\n").map(asSeen);
  }

  /** The text; null if it is not text: a notebook may be from an untrusted source. */
  read(written: unknown): string | null {
    if (typeof written === "string") return written;
    const parts = typeof written === "number" ? [written] : written;
    if (!Array.isArray(parts)) return null;
    const lines: string[] = [];
    for (const part of parts) {
      if (typeof part === "string") lines.push(part);
      else if (!Number.isSafeInteger(part)) return null;
      else for (const line of this.#next(part)) lines.push(line);
    }
    return lines.join("\n");
  }

  #next(count: number): readonly string[] {
    const start = this.#at;
    this.#at += Math.abs(count);
    return count > 0 ? this.#lines.slice(start, this.#at) : [];
  }
}

/** A text that Jupyter may save as a list of lines with their ends. */
export function multiline(value: unknown): string {
  if (Array.isArray(value)) return value.filter((line) => typeof line === "string").join("");
  return typeof value === "string" ? value : "";
}
