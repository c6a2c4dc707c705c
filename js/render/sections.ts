import { Groups } from "./groups";

/** Blocks in a section. */
const SIZE = 14;
/** With at least this many blocks, full sections stay skippable after the answer is complete. */
const LARGE = 200;

/**
 * The top-level blocks of an answer, grouped in sections of about two windows.
 *
 * Full sections carry `content-visibility: auto`, so that the browser lays out and paints only what is near the
 * window: without them each frame costs as much as the whole document. A short finished answer drops that, so that
 * its height is never an estimate.
 */
export class Sections extends Groups {
  constructor(root: HTMLElement) {
    super([], SIZE, () => root.appendChild(section(root.ownerDocument)));
  }

  /** The first `count` blocks no longer change while the answer streams. */
  freeze(count: number): void {
    this.#mark(Math.floor(count / SIZE));
  }

  /** The answer is complete, with `count` blocks. */
  settle(count: number): void {
    this.#mark(count < LARGE ? 0 : Math.floor(count / SIZE));
  }

  #mark(full: number): void {
    this.parents.forEach((section, i) => {
      section.classList.toggle("nbs-section-full", i < full);
    });
  }
}

function section(document: Document): HTMLElement {
  const element = document.createElement("section");
  element.className = "nbs-section";
  return element;
}
