/**
 * Keeps the keyboard focus when a saved view replaces a live one: removing the focused element would move the
 * focus to the top of the page.
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

  /** Moves the focus to `view`, if the view that it replaces had it. */
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

  /** Forgets an element that has lost the focus but is still in the page: the user moved the focus. */
  #release(target: EventTarget | null): void {
    const held = this.#held?.element;
    if (held && held === target && held.isConnected && !held.matches(":focus")) this.#held = null;
  }
}
