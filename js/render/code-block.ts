import { ChunkedText } from "./chunked-text";
import { copyText } from "./clipboard";
import type { InsertCode } from "./context";
import type { Widget } from "./cursor";
import { whenIdle } from "./idle";
import { visible } from "./invisible";

/** How much code is highlighted by default, in UTF-16 units: the grammars take about 3 ms per 100 lines. */
const MAX_HIGHLIGHTED = 20_000;
/** The same for unfolded code. */
const MAX_UNFOLDED = 200_000;
/** Longer code is folded; render.css has the same number. */
const FOLDED_LINES = 30;
const MAX_LABEL = 32;
const DONE_MS = 1500;
const OPEN_CLASS = "nbs-code-open";

/**
 * A block of code: a header with its language and its buttons, and the code, which grows by appending.
 *
 * The code is highlighted in idle time, after its fence has closed. Code of more than 30 lines is folded
 * until the user expands it. Copy copies the exact source.
 */
export class CodeBlock implements Widget {
  readonly element: HTMLElement;
  readonly #label: HTMLElement;
  readonly #code: HTMLElement;
  readonly #text: ChunkedText;
  #unfold: HTMLButtonElement | null = null;
  #folded = true;
  #lines = 0;
  #language = "";
  #content = "";
  #closed = false;
  /** How much is highlighted, in UTF-16 units. */
  #coloured = 0;
  #cancel: () => void = () => {};

  /** `insert` puts the code into a new notebook cell; without it there is no button for that. */
  constructor(document: Document, language: string, insert?: InsertCode) {
    this.element = element(document, "div", "nbs-code");
    this.#label = element(document, "span", "nbs-code-language");
    this.#code = document.createElement("code");
    this.#text = new ChunkedText(this.#code);
    const header = element(document, "div", "nbs-code-header");
    header.append(this.#label);
    if (insert) header.append(this.#insertButton(document, insert));
    header.append(this.#copyButton(document));
    const scroller = document.createElement("pre");
    scroller.tabIndex = 0;
    scroller.append(this.#code);
    this.element.append(header, scroller);
    this.#name(language);
  }

  /**
   * Shows exactly this code. The current text is kept and extended, if `content` starts with it.
   *
   * @param language first word of the fence's info string, "" if it has none
   * @param open whether more code may follow
   */
  show(language: string, content: string, open: boolean): void {
    if (language !== this.#language || !content.startsWith(this.#content)) this.#restart(language, "");
    if (content.length > this.#content.length) this.append(content.slice(this.#content.length));
    if (open) this.#reopen();
    else this.close();
  }

  /** The code shown. */
  get content(): string {
    return this.#content;
  }

  /** Appends code. */
  append(delta: string): void {
    if (!delta) return;
    this.#reopen();
    this.#content += delta;
    this.#text.append(delta);
    this.#count(delta);
  }

  /** No more code follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.element.classList.remove(OPEN_CLASS);
    this.#colourWhenIdle();
  }

  #reopen(): void {
    if (this.#coloured) this.#restart(this.#language, this.#content);
    this.#cancel();
    this.#closed = false;
    this.element.classList.add(OPEN_CLASS);
  }

  #restart(language: string, content: string): void {
    if (language !== this.#language) this.#name(language);
    this.#text.clear();
    this.#text.append(content);
    this.#content = content;
    this.#closed = false;
    this.#coloured = this.#lines = 0;
    this.#count(content);
  }

  #toggleFold(): void {
    this.#folded = !this.#folded;
    this.#showFold();
    if (this.#closed) this.#colourWhenIdle();
  }

  #count(delta: string): void {
    this.#lines += delta.split("\n").length - 1;
    this.#showFold();
  }

  /** Short code has no button at all. */
  #showFold(): void {
    const long = this.#lines > FOLDED_LINES;
    this.element.classList.toggle("nbs-code-folded", long && this.#folded);
    if (!long) this.#unfold?.remove();
    if (!long) return;
    this.#unfold ??= button(this.element.ownerDocument, "nbs-code-unfold", () => this.#toggleFold());
    this.#unfold.setAttribute("aria-expanded", String(!this.#folded));
    setLabel(this.#unfold, this.#folded ? `Show all ${this.#lines} lines` : "Show less");
    if (this.#unfold.parentNode !== this.element) this.element.append(this.#unfold);
  }

  /** At least the visible part. */
  #colourWhenIdle(): void {
    const limit = this.#folded ? MAX_HIGHLIGHTED : MAX_UNFOLDED;
    const whole = this.#content.length <= limit;
    // Cut at a line end: half a token could be taken for another.
    const end = whole ? this.#content.length : this.#content.lastIndexOf("\n", limit) + 1;
    if (end > this.#coloured) this.#cancel = whenIdle(() => void this.#colour(end));
  }

  /**
   * The highlighter is evaluated for the first complete code block: it would be a third of a view's start
   * time.
   */
  async #colour(end: number): Promise<void> {
    const [language, content] = [this.#language, this.#content];
    const { grammarOf, highlight } = await import("./highlight");
    const changed = !this.#closed || language !== this.#language || content !== this.#content;
    const grammar = grammarOf(language);
    if (changed || !grammar || !content) return;
    this.#text.clear();
    this.#code.append(highlight(content.slice(0, end), grammar, this.element.ownerDocument));
    this.#text.append(content.slice(end));
    this.#coloured = end;
  }

  #name(language: string): void {
    this.#language = language;
    this.#label.textContent = visible(language).slice(0, MAX_LABEL);
  }

  #copyButton(document: Document): HTMLButtonElement {
    const made = button(document, "nbs-code-button nbs-code-copy", () => void this.#copy(made));
    made.textContent = "Copy";
    made.title = "Copy this code";
    return made;
  }

  async #copy(button: HTMLButtonElement): Promise<void> {
    const copied = await copyText(this.#content, button.ownerDocument);
    confirm(button, copied ? "Copied" : "Copy failed", "Copy");
  }

  /** Only in a notebook (render.css), and not while the code is incomplete. */
  #insertButton(document: Document, insert: InsertCode): HTMLButtonElement {
    const label = "Insert below";
    const made = button(document, "nbs-code-button nbs-code-insert", () => {
      const inserted = insert(this.element, this.#language, this.#content);
      confirm(made, inserted ? "Inserted" : "Not inserted", label);
    });
    made.textContent = label;
    made.title = "Insert this code into a new cell below, without running it";
    return made;
  }
}

function element(document: Document, tag: "div" | "span", className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function button(document: Document, className: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.addEventListener("click", onClick);
  return made;
}

/** Shows for a moment what a click did. */
function confirm(button: HTMLButtonElement, done: string, label: string): void {
  button.textContent = done;
  setTimeout(() => {
    button.textContent = label;
  }, DONE_MS);
}

/** Reuses one text node: `textContent` would create one for every delta. */
function setLabel(element: HTMLElement, label: string): void {
  const text = element.firstChild;
  if (text instanceof Text) text.data = label;
  else element.append(label);
}
