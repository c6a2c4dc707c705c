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

/** A closed formula: its TeX source as code, until a typesetter takes over. */
export class MathSource implements Widget {
  readonly element: HTMLElement;

  constructor(
    document: Document,
    readonly tex: string,
    readonly display: boolean,
    typeset: Typesetter | undefined,
  ) {
    this.element = document.createElement("code");
    this.element.className = "nbs-math";
    appendVisible(this.element, tex);
    typeset?.(this.element, tex, display);
  }
}

/** Draws a formula; a closed one is a widget of its own, so that it is typeset once. */
export function drawMath(
  cursor: Cursor,
  tex: string,
  display: boolean,
  closed: boolean,
  context: DrawContext,
): void {
  if (closed) drawClosed(cursor, tex, display, context);
  else {
    cursor.open("code", { class: "nbs-math" });
    cursor.text(tex);
    cursor.close();
  }
}

function drawClosed(cursor: Cursor, tex: string, display: boolean, context: DrawContext): void {
  const same = (math: MathSource) => math.tex === tex && math.display === display;
  if (cursor.take(MathSource, same)) return;
  cursor.put(new MathSource(cursor.document, tex, display, context.typeset));
}
