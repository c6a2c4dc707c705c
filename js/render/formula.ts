import type { DrawContext, Typesetter } from "./context";
import type { Cursor, Widget } from "./cursor";
import { appendVisible } from "./invisible";

const SET_CLASS = "nbs-math-set";

/** A formula: its TeX source as code, typeset once it is closed. */
class Formula implements Widget {
  readonly element: HTMLElement;
  readonly #source: HTMLElement;
  #tex = "";
  #closed = false;

  constructor(
    document: Document,
    readonly display: boolean,
  ) {
    this.element = document.createElement("span");
    this.element.className = "nbs-math";
    this.#source = this.element.appendChild(document.createElement("code"));
  }

  show(tex: string, closed: boolean, typeset: Typesetter | undefined): void {
    if (tex === this.#tex && closed === this.#closed) return;
    if (this.#closed || !tex.startsWith(this.#tex)) this.#clear();
    appendVisible(this.#source, tex.slice(this.#tex.length));
    this.#tex = tex;
    this.#closed = closed;
    if (closed && typeset) this.#typeset(typeset);
  }

  #clear(): void {
    this.#source.replaceChildren();
    this.element.classList.remove(SET_CLASS);
    this.element.replaceChildren(this.#source);
    this.#tex = "";
  }

  #typeset(typeset: Typesetter): void {
    const tex = this.#tex;
    const set = typeset(tex, this.display, this.element.ownerDocument);
    if (!(set instanceof Promise)) this.#place(set);
    else set.then((late) => this.#closed && this.#tex === tex && this.#place(late), ignore);
  }

  #place(set: Element | null): void {
    if (!set) return;
    this.element.classList.add(SET_CLASS);
    this.element.replaceChildren(set);
  }
}

/** Without a typesetter, the source stays. */
function ignore(): void {}

/** Draws a formula; `closed` is true once its end was received. */
export function drawMath(
  cursor: Cursor,
  tex: string,
  display: boolean,
  closed: boolean,
  context: DrawContext,
): void {
  const same = (formula: Formula) => formula.display === display;
  const formula = cursor.take(Formula, same) ?? cursor.put(new Formula(cursor.document, display));
  formula.show(tex, closed, context.typeset);
}
