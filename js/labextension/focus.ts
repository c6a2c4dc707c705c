/**
 * Keyboard focus, where a saved view takes the place of a live one: what goes out of the page with the focus in it
 * leaves the focus nowhere, and the reader at the top of the page.
 */

interface Held {
  element: Element;
  /** The output area around it, which stays. */
  area: Element;
}

export class FocusKeeper {
  #held: Held | null = null;

  constructor(document: Document) {
    document.addEventListener("focusin", ({ target }) => this.#hold(target));
    document.addEventListener("focusout", ({ target }) => setTimeout(() => this.#release(target)));
  }

  /** Gives `view` the focus, if it went with the view that stood in its place before. */
  handOver(view: Element): void {
    const held = this.#held;
    const { activeElement, body } = view.ownerDocument;
    if (!held || held.element.isConnected || (activeElement && activeElement !== body)) return;
    if (!held.area.contains(view)) return;
    this.#held = null;
    view.querySelector<HTMLElement>(".nbs-actions button")?.focus({ preventScroll: true });
  }

  #hold(target: EventTarget | null): void {
    const element = target instanceof Element && target.closest(".nbstream") ? target : null;
    const area = element?.closest(".jp-OutputArea");
    this.#held = element && area ? { element, area } : null;
  }

  /** Forgets an element that has lost the focus and is there still: the reader has moved on. */
  #release(target: EventTarget | null): void {
    const held = this.#held?.element;
    if (held && held === target && held.isConnected && !held.matches(":focus")) this.#held = null;
  }
}
