/** Work that costs more than this many milliseconds is followed by a rest. */
const CHEAP = 4;
/** Length of the rest in units of the work's cost: at most a quarter of the main thread is ours. */
const REST = 3;

/** Spaces out expensive work, so that a page under it stays usable. */
export class Throttle {
  #restUntil = 0;

  /** Whether the last work was expensive and its rest is not over. */
  get resting(): boolean {
    return performance.now() < this.#restUntil;
  }

  /** Does `work` and takes its time. */
  run(work: () => void): void {
    const start = performance.now();
    work();
    const cost = performance.now() - start;
    if (cost > CHEAP) this.#restUntil = start + cost + REST * cost;
  }
}
