/** At most one call per animation frame, because more are not visible. */
export class Frames {
  readonly #paint: () => void;
  #cancel: (() => void) | null = null;

  constructor(paint: () => void) {
    this.#paint = paint;
  }

  /** Calls `paint` in the next frame. */
  request(): void {
    this.#cancel ??= schedule(() => {
      this.#cancel = null;
      this.#paint();
    });
  }

  /** Cancels the request. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

/** Without a screen, as on a server, a timer is used. */
function schedule(callback: () => void): () => void {
  if (typeof requestAnimationFrame === "function") {
    const frame = requestAnimationFrame(callback);
    return () => cancelAnimationFrame(frame);
  }
  const timer = setTimeout(callback, 16);
  return () => clearTimeout(timer);
}
