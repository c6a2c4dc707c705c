import { ChunkedText } from "./chunked-text";
import type { Cursor } from "./cursor";

/** Text that is not parsed as Markdown, because it is too long for one paragraph. */
class PlainText extends ChunkedText {
  #content = "";

  show(content: string): void {
    if (!content.startsWith(this.#content)) this.clear();
    this.append(content.slice(this.#content.length));
  }

  override append(delta: string): void {
    super.append(delta);
    this.#content += delta;
  }

  override clear(): void {
    super.clear();
    this.#content = "";
  }
}

/** Draws `content` unchanged, in pieces that the browser can skip. */
export function drawPlain(cursor: Cursor, content: string): void {
  const plain = cursor.take(PlainText) ?? cursor.put(new PlainText(plainElement(cursor.document, "span")));
  plain.show(content);
}

/** An element for text that is shown unchanged. */
export function plainElement(document: Document, tag: "div" | "span"): HTMLElement {
  const element = document.createElement(tag);
  element.className = "nbs-unparsed";
  return element;
}
