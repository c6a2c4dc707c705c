/**
 * Line ends of a stream as line feeds, and NUL as U+FFFD (CommonMark 0.31, sections 2.1 and 2.3).
 *
 * A carriage return at the end of a delta waits for the next, which may begin with its line feed.
 */
export class LineEnds {
  #held = "";

  next(delta: string): string {
    const text = this.#held + delta;
    this.#held = text.endsWith("\r") ? "\r" : "";
    return normalize(this.#held ? text.slice(0, -1) : text);
  }
}

/** The same for a complete text. */
export function normalize(text: string): string {
  return text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
}
