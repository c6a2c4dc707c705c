import { visible } from "../render/invisible";
import { classesOf, tagOf } from "./elements";
import type { MathTree } from "./tree";
import { attributesOf, propertiesOf } from "./values";

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** Maximum number of nodes of a formula, and maximum nesting: layout time grows with both. */
const MAX_NODES = 5_000;
const MAX_DEPTH = 60;

/**
 * The element for a tree.
 *
 * @throws Error if the tree contains anything except math, or is too large
 */
export function build(tree: MathTree, document: Document): Element {
  if (tree.type !== "math") throw new Error("This is not a formula.");
  return new Builder(document).element("math", tree, 0);
}

class Builder {
  #nodes = 0;

  constructor(readonly document: Document) {}

  element(tag: string, tree: MathTree, depth: number): Element {
    const element = this.document.createElementNS(MATHML, tag) as MathMLElement;
    for (const [name, value] of attributesOf(tree)) element.setAttribute(name, value);
    for (const [name, value] of propertiesOf(tree)) element.style.setProperty(name, value);
    const classes = classesOf(tree);
    if (classes) element.setAttribute("class", classes);
    this.#fill(element, tree, depth + 1);
    return element;
  }

  #fill(element: Element, { children }: MathTree, depth: number): void {
    for (const child of children ?? []) this.#add(element, child, depth);
  }

  #add(parent: Element, tree: MathTree, depth: number): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH) throw new Error("The formula is too large.");
    if (tree.text !== undefined) parent.append(visible(tree.text));
    else if (tree.type === undefined) this.#fill(parent, tree, depth);
    else parent.append(this.element(tagOf(tree.type), tree, depth));
  }
}
