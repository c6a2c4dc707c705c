/**
 * Brings the text of a reply onto the screen: at most once per animation frame, and never faster than the
 * renderer can draw.
 *
 * Text that comes in the usual flow is drawn in the next frame. A burst (a stalled network that recovers, a
 * kernel that was busy) is drained over about a quarter of a second instead of jumping onto the page.
 */

/** The part of `MarkdownView` that the painter drives. */
export interface TextSink {
  append(delta: string): void;
  flush(): boolean;
  reset(text: string, done: boolean): void;
  finish(): void;
  preview(text: string): void;
}

export interface PainterOptions {
  /** Takes over when the renderer throws: the reply must remain visible. */
  onError: (error: unknown) => void;
  /** Draw everything in the next frame, also bursts: the reader prefers reduced motion (default false). */
  immediate?: boolean;
}

/** Up to this many characters are a normal frame (60 tokens/s or more) and are drawn immediately. */
const USUAL_FRAME = 64;
/** Time constant of the drain in ms: 95 % of a burst is on the page after three of them. */
const DRAIN = 80;

export class Painter {
  readonly #sink: TextSink;
  readonly #immediate: boolean;
  readonly #onError: (error: unknown) => void;
  #text = "";
  /** Lines after the text that may still change. */
  #open = "";
  #previewed = "";
  #drawn = 0;
  #done = false;
  #finished = false;
  #frame = 0;
  #lastFrame = 0;

  constructor(sink: TextSink, { onError, immediate = false }: PainterOptions) {
    this.#sink = sink;
    this.#immediate = immediate;
    this.#onError = onError;
  }

  /** Shows `text` immediately, replacing the current text: the start of a view. */
  open(text: string, done: boolean): void {
    this.#text = text;
    this.#drawn = text.length;
    this.#done = done;
    this.#finished = done;
    this.#guarded(() => this.#sink.reset(text, done));
  }

  /** Takes the text as it is now; what is new is drawn in the next frames. `done`: no more will come. */
  update(text: string, done: boolean, open = ""): void {
    if (text === this.#text && done === this.#done && open === this.#open) return;
    this.#open = open;
    if (!continues(this.#text, text, this.#drawn) || (this.#finished && text !== this.#text)) {
      this.open(text, done);
      return;
    }
    this.#text = text;
    this.#done = done;
    this.#finished &&= done;
    this.#schedule();
  }

  /** Draws the rest now. Called when a hidden page, which runs no animation frames, becomes visible. */
  flush(): void {
    this.#guarded(() => {
      this.#take(this.#text.length - this.#drawn);
      this.#sink.flush();
      this.#finishIfDone();
    });
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame((time) => this.#paint(time));
  }

  #paint(time: number): void {
    this.#frame = 0;
    this.#guarded(() => {
      this.#take(this.#share(time));
      const drawn = this.#sink.flush();
      if (drawn) this.#preview();
      this.#finishIfDone();
      if (!drawn || this.#drawn < this.#text.length) this.#schedule();
    });
    this.#lastFrame = time;
  }

  /** How many of the waiting characters to draw in this frame. */
  #share(time: number): number {
    const waiting = this.#text.length - this.#drawn;
    if (this.#immediate || this.#done || waiting <= USUAL_FRAME) return waiting;
    const elapsed = Math.min(time - this.#lastFrame, DRAIN);
    return Math.max(USUAL_FRAME, Math.ceil((waiting * elapsed) / DRAIN));
  }

  #take(count: number): void {
    if (count <= 0) return;
    const end = wholeCharacters(this.#text, this.#drawn + count);
    this.#sink.append(this.#text.slice(this.#drawn, end));
    this.#drawn = end;
  }

  /** The open part is after the text; drawing the text has removed the previous one. */
  #preview(): void {
    if (this.#drawn < this.#text.length || !(this.#open || this.#previewed)) return;
    this.#previewed = this.#open;
    this.#sink.preview(this.#open && this.#drawn ? `\n${this.#open}` : this.#open);
  }

  #finishIfDone(): void {
    if (!this.#done || this.#finished || this.#drawn < this.#text.length) return;
    this.#finished = true;
    this.#sink.finish();
  }

  #guarded(draw: () => void): void {
    try {
      draw();
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** `next` begins with what is drawn of `text`. Comparing lengths first spares the common case the scan. */
function continues(text: string, next: string, drawn: number): boolean {
  return next.length >= drawn && next.startsWith(text.slice(0, drawn));
}

/** Moves a cut out of a surrogate pair, so that half a character is never drawn. */
function wholeCharacters(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  const half = last >= 0xd800 && last <= 0xdbff && end < text.length;
  return half ? end + 1 : end;
}
