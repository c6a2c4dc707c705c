import { HIDDEN_CLASS, runs } from "./invisible";

/** Every element that Markdown can become. Nothing else can be made by the renderer. */
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

/** Every attribute that a drawn element can carry. Values come from our own code but for `href` and `title`. */
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

/** A part of the page that keeps its own inside: a code block, an image chip, typeset math. */
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

/** Gives a drawn element exactly these attributes, touching only those that differ. */
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
 * Draws a tree over one that is already there, in the manner of incremental DOM: a node that fits is kept, text
 * that only grew is appended to, and what is left over when its parent closes is removed. Drawing the same thing
 * twice touches nothing, so selections, focus and scroll positions live through a stream.
 */
export class Cursor {
  readonly document: Document;
  #at: Frame;
  readonly #outer: Frame[] = [];

  /** Starts inside `parent` before `next`; null is the end of `parent`. */
  constructor(parent: Element, next: ChildNode | null) {
    this.document = parent.ownerDocument;
    this.#at = { parent, next };
  }

  /** Enters the next element, which is made where another or none stands. */
  open(tag: Tag, attributes: Attributes = NO_ATTRIBUTES): void {
    const element = this.#element(tag);
    reshape(element, attributes);
    this.#outer.push(this.#at);
    this.#at = { parent: element, next: element.firstChild };
  }

  /** Leaves the element entered last and removes what it holds beyond what was drawn. */
  close(): void {
    this.trim();
    this.#at = this.#outer.pop() as Frame;
  }

  /** An element without content. */
  leaf(tag: Tag, attributes?: Attributes): void {
    this.open(tag, attributes);
    this.close();
  }

  /** Passes over the next node, which stays as it is. */
  skip(): void {
    this.#at.next = this.#at.next?.nextSibling ?? null;
  }

  /** Removes everything that follows in the present parent. */
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

  /** The widget that stands next, if it is of this class and fits; it is passed over. */
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

  /** Places a new widget here. */
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
