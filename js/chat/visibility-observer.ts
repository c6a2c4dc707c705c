/** Reports whether scrolled elements are near the visible part. */

/** How far outside the visible part counts as near, in CSS pixels. */
const MARGIN = "600px";

export type Listener = (entry: IntersectionObserverEntry) => void;

export class VisibilityObserver {
  readonly #listeners = new WeakMap<Element, Listener>();
  readonly #scroller: () => Element | null;
  #observer: IntersectionObserver | undefined;

  /**
   * `scroller` returns the scrolling box, once it is drawn; null if the page scrolls. Then boxes in between,
   * such as a notebook, also get the margin.
   */
  constructor(scroller: () => Element | null) {
    this.#scroller = scroller;
  }

  /** Calls `listener` immediately, and whenever `element` becomes near or far. */
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
