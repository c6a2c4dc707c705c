/** Maximum share of the main thread for drawing while an answer streams. */
const SHARE = 0.22;
/** Debt at which drawing pauses (ms): an expensive frame or two cause no delay. */
const CREDIT = 32;
/** Maximum pause (ms): received text must not seem to hang. */
const MAX_REST = 1000;

/**
 * Spaces out expensive drawing, so that the page around it stays usable.
 *
 * The time of drawing is a debt, paid off by a fifth of the passing time; drawing pauses while the debt is
 * too large.
 */
export class Throttle {
  /** Debt at `#at` (ms). */
  #owed = 0;
  #at = 0;

  /** Whether drawing has to wait. */
  get resting(): boolean {
    return this.#owedAt(performance.now()) > CREDIT;
  }

  /** Draws, and measures that time and, in an animation frame, the browser's layout and painting. */
  run(draw: () => void): void {
    const start = performance.now();
    draw();
    const drawn = this.#owe(start);
    // The browser lays out and paints before it takes the next task.
    setTimeout(() => this.#owe(drawn));
  }

  /** Adds the time since `start` to the debt; returns the current time. */
  #owe(start: number): number {
    const now = performance.now();
    this.#owed = Math.min(this.#owedAt(now) + now - start, CREDIT + MAX_REST * SHARE);
    this.#at = now;
    return now;
  }

  #owedAt(time: number): number {
    return Math.max(0, this.#owed - (time - this.#at) * SHARE);
  }
}
