import type { DrawContext } from "./context";
import type { Cursor, Widget } from "./cursor";
import { appendVisible } from "./invisible";

/**
 * Typesets a closed formula in place of its source, which `element` holds until then.
 *
 * Called once per formula. It may work later (a typesetter loaded on demand) and must leave `element` as it is when
 * the source is not valid TeX.
 *
 * @param element holds the TeX source; to be filled
 * @param tex the source without its delimiters
 * @param display whether the formula stands on its own line
 */
export type Typesetter = (element: HTMLElement, tex: string, display: boolean) => void;

/** A formula: its TeX source as code, until it is closed and a typesetter takes over. */
class MathSource implements Widget {
  readonly element: HTMLElement;
  #tex = "";
  #closed = false;

  constructor(
    document: Document,
    readonly display: boolean,
  ) {
    this.element = document.createElement("code");
    this.element.className = "nbs-math";
  }

  show(tex: string, closed: boolean, typeset: Typesetter | undefined): void {
    if (tex === this.#tex && closed === this.#closed) return;
    if (this.#closed || !tex.startsWith(this.#tex)) this.#clear();
    appendVisible(this.element, tex.slice(this.#tex.length));
    this.#tex = tex;
    this.#closed = closed;
    if (closed) typeset?.(this.element, tex, this.display);
  }

  #clear(): void {
    this.element.replaceChildren();
    this.#tex = "";
  }
}

/** Draws a formula; `closed` says that its end has come. */
export function drawMath(
  cursor: Cursor,
  tex: string,
  display: boolean,
  closed: boolean,
  context: DrawContext,
): void {
  const same = (math: MathSource) => math.display === display;
  const math = cursor.take(MathSource, same) ?? cursor.put(new MathSource(cursor.document, display));
  math.show(tex, closed, context.typeset);
}
