/** Share of the main thread that drawing may take while it goes on. */
const SHARE = 0.22;
/** Cost that may be owed before drawing rests (ms): an expensive frame or two delay nothing. */
const CREDIT = 32;
/** Longest rest (ms): text that has come must not seem to hang. */
const MAX_REST = 1000;

/**
 * Spaces out expensive drawing, so that the page around it stays usable.
 *
 * What drawing costs is owed, and paid off as time goes by, at a fifth of it; who owes too much rests.
 */
export class Throttle {
  /** Cost that was not paid off at `#at` (ms). */
  #owed = 0;
  #at = 0;

  /** Whether drawing has to wait. */
  get resting(): boolean {
    return this.#owedAt(performance.now()) > CREDIT;
  }

  /** Draws, and takes the time of that and, in an animation frame, of what the browser makes of it. */
  run(draw: () => void): void {
    const start = performance.now();
    draw();
    const drawn = this.#owe(start);
    // The browser lays out and paints before it takes the next task.
    setTimeout(() => this.#owe(drawn));
  }

  /** Charges the time since `start`; gives the time now. */
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
