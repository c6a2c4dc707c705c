/** At most one call per animation frame, because nobody sees more. */
export class Frames {
  readonly #paint: () => void;
  #cancel: (() => void) | null = null;

  constructor(paint: () => void) {
    this.#paint = paint;
  }

  /** Has `paint` called at the next frame. */
  request(): void {
    this.#cancel ??= schedule(() => {
      this.#cancel = null;
      this.#paint();
    });
  }

  /** Takes back what was requested. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

/** Without a screen, as on a server, a timer does. */
function schedule(callback: () => void): () => void {
  if (typeof requestAnimationFrame === "function") {
    const frame = requestAnimationFrame(callback);
    return () => cancelAnimationFrame(frame);
  }
  const timer = setTimeout(callback, 16);
  return () => clearTimeout(timer);
}
