/** Script, and a whole frame with its style, layout and paint, that cost up to this much are free (ms). */
const CHEAP_SCRIPT = 4;
const CHEAP_FRAME = 8;
/** Length of the rest in units of the cost: at most a quarter of the main thread is ours. */
const REST = 3;
/** Longest rest (ms): text that has come must not seem to hang. */
const MAX_REST = 1000;

/** Spaces out expensive drawing, so that the page around it stays usable. */
export class Throttle {
  #restUntil = 0;

  /** Whether the last drawing was expensive and its rest is not over. */
  get resting(): boolean {
    return performance.now() < this.#restUntil;
  }

  /** Draws, and takes the time of that and, in an animation frame, of what the browser makes of it. */
  run(draw: () => void): void {
    const start = performance.now();
    draw();
    this.#rest(start, CHEAP_SCRIPT);
    // The browser lays out and paints before it takes the next task.
    setTimeout(() => this.#rest(start, CHEAP_FRAME));
  }

  #rest(start: number, cheap: number): void {
    const end = performance.now();
    const cost = end - start;
    if (cost > cheap) this.#restUntil = end + Math.min(REST * cost, MAX_REST);
  }
}
