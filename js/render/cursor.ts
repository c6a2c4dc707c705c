import { HIDDEN_CLASS, runs } from "./invisible";

/** All elements that Markdown can become. The renderer cannot create others. */
export type Tag =
  | "a"
  | "blockquote"
  | "br"
  | "code"
  | "del"
  | "div"
  | "em"
  | "h1"
  | "h2"
  | "h3"
  | "h4"
  | "h5"
  | "h6"
  | "hr"
  | "ins"
  | "kbd"
  | "li"
  | "mark"
  | "ol"
  | "p"
  | "span"
  | "strong"
  | "sub"
  | "sup"
  | "table"
  | "tbody"
  | "td"
  | "th"
  | "thead"
  | "tr"
  | "u"
  | "ul";

/** All attributes of drawn elements. Values are from our own code, except `href` and `title`. */
export type Attributes = Readonly<
  Partial<
    Record<
      | "aria-label"
      | "class"
      | "dir"
      | "href"
      | "referrerpolicy"
      | "rel"
      | "role"
      | "scope"
      | "start"
      | "tabindex"
      | "target"
      | "title",
      string
    >
  >
>;

/** A part of the page that manages its own content: a code block, an image chip, typeset math. */
export interface Widget {
  readonly element: HTMLElement;
}

const NO_ATTRIBUTES: Attributes = {};
const widgets = new WeakMap<Node, Widget>();
const shapes = new WeakMap<Element, Attributes>();

/** The widget that owns `node`, if one does. */
export function widgetOf(node: Node): Widget | undefined {
  return widgets.get(node);
}

/** Sets exactly these attributes, touching only those that differ. */
export function reshape(element: Element, attributes: Attributes): void {
  const before = shapes.get(element) ?? NO_ATTRIBUTES;
  if (before === attributes) return;
  for (const [name, value] of Object.entries(attributes)) {
    if (before[name as keyof Attributes] !== value) element.setAttribute(name, value);
  }
  for (const name of Object.keys(before)) {
    if (!(name in attributes)) element.removeAttribute(name);
  }
  shapes.set(element, attributes);
}

interface Frame {
  parent: Element;
  next: ChildNode | null;
}

/**
 * Draws a tree over an existing one, like incremental DOM: a matching node is kept, grown text is appended
 * to, and nodes left over when their parent closes are removed. Drawing the same tree twice changes nothing,
 * so selections, focus and scroll positions survive a stream.
 */
export class Cursor {
  readonly document: Document;
  #at: Frame;
  readonly #outer: Frame[] = [];

  /** Starts inside `parent` before `next`; null means its end. */
  constructor(parent: Element, next: ChildNode | null) {
    this.document = parent.ownerDocument;
    this.#at = { parent, next };
  }

  /** Enters the next element, and creates it if it does not match. */
  open(tag: Tag, attributes: Attributes = NO_ATTRIBUTES): void {
    const element = this.#element(tag);
    reshape(element, attributes);
    this.#outer.push(this.#at);
    this.#at = { parent: element, next: element.firstChild };
  }

  /** Leaves the current element and removes its nodes that were not drawn. */
  close(): void {
    this.trim();
    this.#at = this.#outer.pop() as Frame;
  }

  /** An element without content. */
  leaf(tag: Tag, attributes?: Attributes): void {
    this.open(tag, attributes);
    this.close();
  }

  /** Skips the next node, which stays unchanged. */
  skip(): void {
    this.#at.next = this.#at.next?.nextSibling ?? null;
  }

  /** Removes all following nodes of the current parent. */
  trim(): void {
    for (let node = this.#at.next; node; ) {
      const following: ChildNode | null = node.nextSibling;
      node.remove();
      node = following;
    }
    this.#at.next = null;
  }

  /** Text; its hidden characters become glyphs. */
  text(text: string): void {
    for (const run of runs(text)) {
      if (run.hidden) this.#glyph(run.text);
      else this.#run(run.text);
    }
  }

  /** Returns the next widget and skips it, if it has this class and matches. */
  take<W extends Widget>(
    type: abstract new (...args: never[]) => W,
    fits?: (widget: W) => boolean,
  ): W | undefined {
    const node = this.#at.next;
    const widget = node && widgets.get(node);
    if (!(widget instanceof type) || (fits && !fits(widget))) return undefined;
    this.#at.next = node?.nextSibling ?? null;
    return widget;
  }

  /** Inserts a new widget. */
  put<W extends Widget>(widget: W): W {
    widgets.set(widget.element, widget);
    this.#place(widget.element);
    return widget;
  }

  #element(tag: Tag): Element {
    const node = this.#at.next;
    if (node && (node as Element).localName === tag && !widgets.has(node)) {
      this.#at.next = node.nextSibling;
      return node as Element;
    }
    return this.#place(this.document.createElement(tag));
  }

  #place<E extends Element>(element: E): E {
    const { parent, next } = this.#at;
    this.#at.next = next?.nextSibling ?? null;
    if (next) parent.replaceChild(element, next);
    else parent.appendChild(element);
    return element;
  }

  #glyph(name: string): void {
    this.open("span", { class: HIDDEN_CLASS });
    this.#run(name);
    this.close();
  }

  #run(text: string): void {
    const { parent, next } = this.#at;
    if (next?.nodeType !== 3) {
      parent.insertBefore(this.document.createTextNode(text), next);
      return;
    }
    grow(next as Text, text);
    this.#at.next = next.nextSibling;
  }
}

function grow(node: Text, text: string): void {
  const before = node.data;
  if (before === text) return;
  if (text.startsWith(before)) node.appendData(text.slice(before.length));
  else node.data = text;
}
