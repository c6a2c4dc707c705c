/**
 * Keeps the end of a scrolled list visible while the user is there. Scrolls only the list, never the page.
 */

import { type ReadonlySignal, signal } from "@preact/signals";

/** Scrolling down to within this distance of the end, in CSS pixels, means that the user wants the end. */
const REACH = 40;

export class StickToBottom {
  readonly #pinned = signal(true);
  #scroller: HTMLElement | null = null;
  #top = 0;

  /** Whether new text is scrolled into view. */
  get pinned(): ReadonlySignal<boolean> {
    return this.#pinned;
  }

  /** Follows the height of `content` inside `scroller` until the returned function is called. */
  attach(scroller: HTMLElement, content: HTMLElement): () => void {
    this.#scroller = scroller;
    const observer = new ResizeObserver(() => this.#follow());
    observer.observe(scroller);
    observer.observe(content);
    const onScroll = () => this.#onScroll(scroller);
    scroller.addEventListener("scroll", onScroll, { passive: true });
    this.#follow();
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", onScroll);
    };
  }

  /** Scrolls to the end and stays there. */
  pin(): void {
    this.#pinned.value = true;
    this.#follow();
  }

  /** Scrolls `element` to the top of the list. */
  reveal(element: HTMLElement): void {
    if (!this.#scroller) return;
    this.#pinned.value = false;
    this.#scroller.scrollTop +=
      element.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
  }

  #follow(): void {
    if (!this.#scroller || !this.#pinned.peek()) return;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#top = this.#scroller.scrollTop;
  }

  /**
   * Only the user scrolls up: this code scrolls down, and the browser's scroll anchoring is active only when
   * unpinned.
   */
  #onScroll({ scrollTop, scrollHeight, clientHeight }: HTMLElement): void {
    const left = scrollHeight - clientHeight - scrollTop;
    if (left <= 1) this.#pinned.value = true;
    else if (scrollTop < this.#top) this.#pinned.value = false;
    else if (scrollTop > this.#top && left < REACH) this.#pinned.value = true;
    this.#top = scrollTop;
  }
}
