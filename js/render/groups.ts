import { Cursor } from "./cursor";

/**
 * Elements drawn in order, in parents of a fixed size: the browser repeats the layout only of parents that
 * changed, instead of a single large one.
 */
export class Groups {
  /**
   * @param parents the existing ones; all but the last have `size` elements
   * @param size elements per parent; `Infinity` for a single parent
   * @param add adds a parent after the last
   */
  constructor(
    readonly parents: Element[],
    readonly size: number,
    readonly add: () => Element,
  ) {}

  /** Element number `index`, if it is drawn. */
  element(index: number): Element | null {
    return this.parents[Math.floor(index / this.size)]?.children[index % this.size] ?? null;
  }

  /**
   * Draws elements from number `from` on, each with one call, and removes any that follow.
   *
   * Each call must draw one element.
   */
  draw(from: number, drawings: readonly ((cursor: Cursor) => void)[]): void {
    let index = from;
    let cursor = this.#cursor(index);
    for (const draw of drawings) {
      if (index > from && index % this.size === 0) {
        cursor.trim();
        cursor = this.#cursor(index);
      }
      draw(cursor);
      index++;
    }
    cursor.trim();
    this.#removeAfter(index);
  }

  #cursor(index: number): Cursor {
    const number = Math.floor(index / this.size);
    if (!this.parents[number]) this.parents.push(this.add());
    return new Cursor(this.parents[number] as Element, this.element(index));
  }

  #removeAfter(count: number): void {
    const keep = Math.max(Math.ceil(count / this.size), 1);
    for (const parent of this.parents.splice(keep)) parent.remove();
  }
}
