import { ChunkedText } from "./chunked-text";
import { copyText } from "./clipboard";
import type { Widget } from "./cursor";
import { whenIdle } from "./idle";
import { visible } from "./invisible";

/** Longest code that is coloured, in UTF-16 units: the grammars take about 3 ms per 100 lines. */
const MAX_HIGHLIGHTED = 20_000;
const MAX_LABEL = 32;
const COPIED_MS = 1500;
const OPEN_CLASS = "nbs-code-open";

/**
 * A block of code: a header with its language and a Copy button, and the code, which grows by appending.
 *
 * The code is coloured once, in idle time, after its fence has closed. Copy gives the exact source.
 */
export class CodeBlock implements Widget {
  readonly element: HTMLElement;
  readonly #label: HTMLElement;
  readonly #code: HTMLElement;
  readonly #text: ChunkedText;
  #language = "";
  #content = "";
  #closed = false;
  #coloured = false;
  #cancel: () => void = () => {};

  constructor(document: Document, language: string) {
    this.element = element(document, "div", "nbs-code");
    this.#label = element(document, "span", "nbs-code-language");
    this.#code = document.createElement("code");
    this.#text = new ChunkedText(this.#code);
    const header = element(document, "div", "nbs-code-header");
    header.append(this.#label, this.#copyButton(document));
    const scroller = document.createElement("pre");
    scroller.tabIndex = 0;
    scroller.append(this.#code);
    this.element.append(header, scroller);
    this.#name(language);
  }

  /**
   * Shows exactly this code. What is there already is kept and appended to, if it is a beginning of `content`.
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

  /** More code at the end. */
  append(delta: string): void {
    if (!delta) return;
    this.#reopen();
    this.#content += delta;
    this.#text.append(delta);
  }

  /** No more code follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.element.classList.remove(OPEN_CLASS);
    if (this.#content.length <= MAX_HIGHLIGHTED) this.#cancel = whenIdle(() => void this.#colour());
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
    this.#closed = this.#coloured = false;
  }

  /** The highlighter is evaluated for the first code that is complete: a third of what a view would start with. */
  async #colour(): Promise<void> {
    const [language, content] = [this.#language, this.#content];
    const { grammarOf, highlight } = await import("./highlight");
    const goneOn = !this.#closed || language !== this.#language || content !== this.#content;
    const grammar = grammarOf(language);
    if (goneOn || !grammar || !content) return;
    this.#code.replaceChildren(highlight(content, grammar, this.element.ownerDocument));
    this.#coloured = true;
  }

  #name(language: string): void {
    this.#language = language;
    this.#label.textContent = visible(language).slice(0, MAX_LABEL) || "text";
  }

  #copyButton(document: Document): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "nbs-code-copy";
    button.textContent = "Copy";
    button.title = "Copy this code";
    button.addEventListener("click", () => void this.#copy(button));
    return button;
  }

  async #copy(button: HTMLButtonElement): Promise<void> {
    const copied = await copyText(this.#content, button.ownerDocument);
    button.textContent = copied ? "Copied" : "Copy failed";
    setTimeout(() => {
      button.textContent = "Copy";
    }, COPIED_MS);
  }
}

function element(document: Document, tag: "div" | "span", className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
