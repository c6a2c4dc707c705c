/** Draws documents and lists the resulting nodes. */
import { MarkdownView } from "../index";
import { pieces } from "./pieces";

/** The tree under `node`: elements with their attributes, and text nodes separately. */
export function tree(node: Node): string {
  if (node.nodeType === 3) return JSON.stringify((node as Text).data);
  const element = node as Element;
  const attributes = [...element.attributes].map((a) => ` ${a.name}=${JSON.stringify(a.value)}`).sort();
  return `<${element.localName}${attributes.join("")}>[${[...element.childNodes].map(tree).join(",")}]`;
}

/** A view that has drawn all of `text` in pieces of `size` units, one frame each, without the last pass. */
export function stream(text: string, size: number): MarkdownView {
  const view = new MarkdownView(document.createElement("div"));
  for (const piece of pieces(text, size)) add(view, piece);
  return view;
}

/** Appends `delta` and draws it with a stopped clock, so that no drawing is postponed. */
export function add(view: MarkdownView, delta: string): void {
  const { now } = performance;
  const present = performance.now();
  performance.now = () => present;
  view.append(delta);
  view.flush();
  performance.now = now;
}

/** The drawing of a complete `text` received in pieces of `size` units. */
export function streamed(text: string, size: number): string {
  const view = stream(text, size);
  view.finish();
  return tree(view.root);
}

/** The element in which the complete `text` is drawn. */
export function drawn(text: string): HTMLElement {
  const view = new MarkdownView(document.createElement("div"));
  view.reset(text, true);
  return view.root;
}

/** The drawing of `text` received in one piece. */
export function atOnce(text: string): string {
  return tree(drawn(text));
}

/** The one element that matches. */
export function only<E extends Element = HTMLElement>(root: Element, selector: string): E {
  const found = root.querySelectorAll<E>(selector);
  if (found.length !== 1) throw new Error(`${found.length} elements match ${selector} in ${tree(root)}`);
  return found[0] as E;
}
