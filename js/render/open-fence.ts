import type { CodeBlock } from "./code-block";

/** A line that may still become the closing fence. */
const MAYBE_CLOSING = /^ {0,3}[`~]*[ \t]*$/;

/**
 * A top-level code fence that has not closed: its text goes straight to the code block, without lexing.
 *
 * Only for fences that are not indented, so that lines need no stripping (CommonMark 0.31, section 4.5).
 */
export class OpenFence {
  readonly #closing: RegExp;
  /** Part of the current line is shown, so it cannot be the closing line. */
  #midLine: boolean;

  /** `markup` is the run of backticks or tildes that opened it. */
  constructor(
    readonly block: CodeBlock,
    markup: string,
  ) {
    this.#closing = new RegExp(`^ {0,3}${markup[0]}{${markup.length},}[ \\t]*\\n$`);
    this.#midLine = /[^\n]$/.test(block.content);
  }

  /** Shows the code in `text`; returns the rest, and whether the fence has closed. */
  advance(text: string): { rest: string; closed: boolean } {
    for (let start = 0; ; ) {
      const end = text.indexOf("\n", start) + 1;
      if (!end) return { rest: this.#partial(text, start), closed: false };
      if (!this.#midLine && this.#closing.test(text.slice(start, end))) {
        this.block.append(text.slice(0, start));
        this.block.close();
        return { rest: text.slice(end), closed: true };
      }
      this.#midLine = false;
      start = end;
    }
  }

  /** Shows everything except a last line that may be the closing fence, which is returned. */
  #partial(text: string, start: number): string {
    const last = text.slice(start);
    const held = !this.#midLine && MAYBE_CLOSING.test(last);
    this.#midLine ||= !held;
    this.block.append(held ? text.slice(0, start) : text);
    return held ? last : "";
  }
}
