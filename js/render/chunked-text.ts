import { appendVisible } from "./invisible";

const MAX_LINES = 32;
const MAX_CHARACTERS = 8192;

/**
 * Text that only grows, in blocks of at most 32 lines or 8,192 UTF-16 units.
 *
 * Appending then re-shapes only the last block, and the browser can skip the full ones (`content-visibility`)
 * while they are not visible. A line longer than a block is folded where the block ends; the text content
 * stays exact. Where blocks end depends only on the text, not on its deltas.
 */
export class ChunkedText {
  #chunk: HTMLElement | null = null;
  #lines = 0;
  #characters = 0;

  constructor(readonly element: HTMLElement) {}

  append(delta: string): void {
    for (let start = 0; start < delta.length; ) {
      const chunk = this.#chunk ?? this.#begin();
      const end = this.#fit(delta, start);
      this.#write(chunk, delta.slice(start, end));
      start = end;
    }
  }

  clear(): void {
    this.element.replaceChildren();
    this.#chunk = null;
  }

  #begin(): HTMLElement {
    const chunk = this.element.ownerDocument.createElement("span");
    chunk.className = "nbs-chunk";
    this.#chunk = this.element.appendChild(chunk);
    this.#lines = 0;
    this.#characters = 0;
    return chunk;
  }

  /** Returns how much of `delta` fits into the current block, and counts it. */
  #fit(delta: string, start: number): number {
    const limit = Math.min(delta.length, start + Math.max(MAX_CHARACTERS - this.#characters, 1));
    let end = start;
    while (end < limit && this.#lines < MAX_LINES) {
      const newline = delta.indexOf("\n", end);
      if (newline < 0 || newline >= limit) end = limit;
      else {
        end = newline + 1;
        this.#lines++;
      }
    }
    this.#characters += end - start;
    return end;
  }

  #write(chunk: HTMLElement, text: string): void {
    appendVisible(chunk, text);
    const splitsPair = /[\ud800-\udbff]$/.test(text);
    if (this.#lines >= MAX_LINES || (this.#characters >= MAX_CHARACTERS && !splitsPair)) this.#end(chunk);
  }

  #end(chunk: HTMLElement): void {
    chunk.className = "nbs-chunk nbs-chunk-full";
    this.#chunk = null;
  }
}
