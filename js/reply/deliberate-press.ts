/** Detects deliberate presses of a button. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** How long a button must be visible before it can be pressed, in ms. */
const DELAY = 1000;

/**
 * Accepts a press only if it began after the button was in view for a while. The second click of a double click or a
 * key that is held down began earlier, and is ignored. A click without pointer or keys, as screen readers make, is
 * accepted once the button is ready.
 */
export class DeliberatePress {
  readonly #ready = signal(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #early = false;

  /** Whether the button has been visible for long enough. */
  get ready(): ReadonlySignal<boolean> {
    return this.#ready;
  }

  /** Counts the time that `element` is visible. @returns ends it */
  watch(element: Element): () => void {
    const observer = new IntersectionObserver((entries) =>
      this.#see(entries.at(-1)?.isIntersecting === true),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      this.#see(false);
    };
  }

  /** A press begins. */
  readonly begin = (): void => {
    this.#early = !this.#ready.value;
  };

  /** A key is pressed; a held key repeats itself and its clicks. */
  key(event: KeyboardEvent): void {
    if (event.repeat) this.#early = true;
    else this.begin();
  }

  /** Whether the click that ends the press counts. */
  counts(): boolean {
    const counts = this.#ready.value && !this.#early;
    this.#early = false;
    return counts;
  }

  #see(inSight: boolean): void {
    clearTimeout(this.#timer);
    this.#ready.value = false;
    if (!inSight) return;
    this.#timer = setTimeout(() => {
      this.#ready.value = true;
    }, DELAY);
  }
}
