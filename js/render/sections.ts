import { Cursor } from "./cursor";

/** Blocks in a section. */
const SIZE = 24;
/** From so many blocks on, full sections stay skippable after the answer is complete. */
const LARGE = 8 * SIZE;

/**
 * The top-level blocks of an answer, 24 to a section.
 *
 * Full sections carry `content-visibility: auto`, so that the browser lays out and paints only what is near the
 * window: without them each frame costs as much as the whole document. A short finished answer drops that, so that
 * its height is never an estimate.
 */
export class Sections {
  readonly #sections: HTMLElement[] = [];

  constructor(readonly root: HTMLElement) {}

  /** Block number `index`, if it is drawn. */
  block(index: number): Element | null {
    return this.#sections[Math.floor(index / SIZE)]?.children[index % SIZE] ?? null;
  }

  /**
   * Draws blocks from number `from` on, each with one call, and removes any that follow.
   *
   * Each call must draw one element.
   */
  draw(from: number, blocks: readonly ((cursor: Cursor) => void)[]): void {
    let index = from;
    let cursor = this.#cursor(index);
    for (const draw of blocks) {
      if (index > from && index % SIZE === 0) {
        cursor.trim();
        cursor = this.#cursor(index);
      }
      draw(cursor);
      index++;
    }
    cursor.trim();
    this.#removeAfter(index);
  }

  /** The first `count` blocks will not change any more while the answer streams. */
  freeze(count: number): void {
    this.#mark(Math.floor(count / SIZE));
  }

  /** The answer is complete, with so many blocks. */
  settle(count: number): void {
    this.#mark(count < LARGE ? 0 : Math.floor(count / SIZE));
  }

  #mark(full: number): void {
    this.#sections.forEach((section, i) => {
      section.classList.toggle("nbs-section-full", i < full);
    });
  }

  #cursor(index: number): Cursor {
    const section = this.#section(Math.floor(index / SIZE));
    return new Cursor(section, section.children[index % SIZE] ?? null);
  }

  #section(number: number): HTMLElement {
    const known = this.#sections[number];
    if (known) return known;
    const section = this.root.ownerDocument.createElement("section");
    section.className = "nbs-section";
    this.#sections.push(section);
    return this.root.appendChild(section);
  }

  #removeAfter(count: number): void {
    const keep = Math.max(Math.ceil(count / SIZE), 1);
    for (const section of this.#sections.splice(keep)) section.remove();
  }
}
