import { ChunkedText } from "./chunked-text";
import type { InsertCode, Typesetter } from "./context";
import { LineEnds, normalize } from "./line-ends";
import { LiveDocument } from "./live-document";
import { plainElement } from "./plain-text";
import { Throttle } from "./throttle";

/** Maximum length of Markdown, in UTF-16 units; the rest is shown as plain text. */
const MAX_MARKDOWN = 1_000_000;

export interface RenderOptions {
  /** Typesets closed formulas; without it their TeX source is shown as code. */
  typeset: Typesetter | undefined;
  /** Puts code into a new notebook cell; without it, blocks of code have no button for it. */
  insert: InsertCode | undefined;
}

/**
 * An answer in Markdown, drawn into an element as it streams.
 *
 * Nodes are created one by one and no HTML is ever parsed, so the text can only become a closed list of
 * elements and attributes. The final drawing depends only on the text, not on its deltas.
 */
export class MarkdownView {
  readonly #document: LiveDocument;
  readonly #throttle = new Throttle();
  #lineEnds = new LineEnds();
  #source = "";
  /** Text that is not drawn yet. */
  #pending = "";
  /** Length of the Markdown drawn. */
  #drawn = 0;
  #finished = false;
  #overflow: ChunkedText | null = null;

  /** Draws into `root`, which should be empty; `root` gets the class `nbs-markdown`. */
  constructor(
    readonly root: HTMLElement,
    { typeset, insert }: Partial<RenderOptions> = {},
  ) {
    root.classList.add("nbs-markdown");
    this.#document = new LiveDocument(root, { typeset, insert });
  }

  /** The exact text so far. */
  get source(): string {
    return this.#source;
  }

  /** Appends text. Nothing is drawn before `flush()`. */
  append(delta: string): void {
    if (this.#finished) this.#begin();
    this.#source += delta;
    this.#pending += this.#lineEnds.next(delta);
  }

  /**
   * Draws appended text; call it at most once per animation frame.
   *
   * @returns false if drawing is postponed, because the last one was expensive: call again in the next frame
   */
  flush(): boolean {
    if (!this.#pending) return true;
    if (this.#throttle.resting) return false;
    this.#throttle.run(() => this.#draw());
    return true;
  }

  /**
   * Draws text after the current text that may still change, until more is appended: `data-open` marks that there
   * is some. Call it after `flush()`.
   */
  preview(text: string): void {
    const drawn = !this.#finished && !this.#pending && this.#document.preview(text);
    this.root.toggleAttribute("data-open", drawn && text !== "");
  }

  /**
   * Replaces the text by `text` immediately; matching nodes are kept.
   *
   * @param done whether the text is complete
   */
  reset(text: string, done: boolean): void {
    this.#source = text;
    if (done || !text) this.finish();
    if (!done) this.#begin();
  }

  /** Marks the text as complete, and draws it as if it were received in one piece. */
  finish(): void {
    const text = normalize(this.#source);
    this.#finished = true;
    this.#pending = "";
    this.root.removeAttribute("data-open");
    this.#document.finish(text.slice(0, MAX_MARKDOWN));
    this.#drawOverflow(text.slice(MAX_MARKDOWN), true);
  }

  /** Empties the element; the view cannot be used afterwards. */
  dispose(): void {
    this.#pending = "";
    this.root.replaceChildren();
  }

  /** Starts again with the source, as an incomplete text. */
  #begin(): void {
    this.#finished = false;
    this.#drawn = 0;
    this.#overflow?.element.remove();
    this.#overflow = null;
    this.#document.restart();
    this.#lineEnds = new LineEnds();
    this.#pending = this.#lineEnds.next(this.#source);
    if (this.#pending) this.#draw();
  }

  #draw(): void {
    const text = this.#pending;
    this.#pending = "";
    this.root.removeAttribute("data-open");
    const room = MAX_MARKDOWN - this.#drawn;
    this.#drawn += text.length;
    if (room > 0) this.#document.append(text.slice(0, room));
    this.#drawOverflow(text.slice(Math.max(room, 0)), false);
  }

  #drawOverflow(text: string, anew: boolean): void {
    if (anew) this.#overflow?.element.remove();
    if (anew) this.#overflow = null;
    if (!text) return;
    this.#overflow ??= overflow(this.root);
    this.#overflow.append(text);
  }
}

function overflow(root: HTMLElement): ChunkedText {
  return new ChunkedText(root.appendChild(plainElement(root.ownerDocument, "div")));
}
