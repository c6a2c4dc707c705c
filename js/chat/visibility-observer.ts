/** Tells things that scroll whether they are near the part that can be seen. */

/** How far outside of what is seen things count as near, in CSS pixels. */
const MARGIN = "600px";

export type Listener = (entry: IntersectionObserverEntry) => void;

export class VisibilityObserver {
  readonly #listeners = new WeakMap<Element, Listener>();
  readonly #scroller: () => Element | null;
  #observer: IntersectionObserver | undefined;

  /**
   * `scroller` gives the box that scrolls, once it is drawn; null where the page does. Only of the page are
   * boxes in between, such as a notebook, given the same margin.
   */
  constructor(scroller: () => Element | null) {
    this.#scroller = scroller;
  }

  /** Calls `listener` at once, and whenever `element` comes near or goes away. */
  observe(element: Element, listener: Listener): () => void {
    this.#observer ??= this.#start();
    this.#listeners.set(element, listener);
    this.#observer.observe(element);
    return () => this.#observer?.unobserve(element);
  }

  #start(): IntersectionObserver {
    const root = this.#scroller();
    const options = { root, rootMargin: MARGIN, ...(!root && { scrollMargin: MARGIN }) };
    return new IntersectionObserver((entries) => {
      for (const entry of entries) this.#listeners.get(entry.target)?.(entry);
    }, options);
  }
}
