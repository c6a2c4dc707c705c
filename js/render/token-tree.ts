import type { Emitter } from "highlight.js";

/** A part of highlighted code: its scope, absent at the root, and what it holds. */
export interface CodeToken {
  scope?: string;
  children: (CodeToken | string)[];
}

/**
 * Collects the tokens of highlight.js as a tree; its own emitter would write HTML.
 *
 * The method names are those its core calls; `openNode` and `closeNode` are missing from its types.
 */
export class TokenTree implements Emitter {
  readonly root: CodeToken = { children: [] };
  readonly #open: CodeToken[] = [this.root];

  openNode(scope: string): void {
    const token: CodeToken = { scope, children: [] };
    this.#add(token);
    this.#open.push(token);
  }

  closeNode(): void {
    if (this.#open.length > 1) this.#open.pop();
  }

  startScope(scope: string): void {
    this.openNode(scope);
  }

  endScope(): void {
    this.closeNode();
  }

  addText(text: string): void {
    if (text) this.#add(text);
  }

  __addSublanguage(inner: Emitter): void {
    this.#add((inner as TokenTree).root);
  }

  finalize(): void {
    this.#open.length = 1;
  }

  toHTML(): string {
    return "";
  }

  #add(child: CodeToken | string): void {
    this.#open.at(-1)?.children.push(child);
  }
}
