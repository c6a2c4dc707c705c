import { drawBlocks } from "./blocks";
import type { DrawContext } from "./context";
import { type Cursor, reshape } from "./cursor";
import { Groups } from "./groups";
import { listAttributes } from "./lists";
import type { Token } from "./markdown";
import { rowsOf } from "./tables";
import type { Lexed, Tail } from "./tail";
import { isList, isLoose, parts, type Span } from "./tokens";

/**
 * An open top-level list or table, whose first items or rows are final and not lexed again.
 */
export class OpenParts {
  readonly #parts: Groups;
  #frozen = 0;
  #loose = false;

  /**
   * @param block the element drawn for it
   * @param opening its opening token
   * @param prefix text to lex before the rest, so that it is parsed as the same block: a table's head
   */
  constructor(
    readonly block: Element,
    readonly opening: Token,
    readonly prefix: string,
  ) {
    this.#parts = this.#isList ? new Groups([block], Number.POSITIVE_INFINITY, () => block) : rowsOf(block);
  }

  /** Freezes the first `count` parts of the last lexed block. */
  freeze(lexed: Lexed, block: Span, count: number): void {
    this.#frozen += count;
    this.#loose ||= this.#isList && isLoose(lexed.tokens, block.first);
  }

  /** Whether the text, lexed on from the frozen parts, is still this block. */
  continues(lexed: Lexed): boolean {
    return lexed.blocks[0]?.type === this.opening.type;
  }

  /** Draws the parts after the frozen ones; there may be none yet. */
  draw(lexed: Lexed, context: DrawContext): void {
    const block = this.continues(lexed) ? lexed.blocks[0] : undefined;
    const drawings = (block ? parts(lexed.tokens, block) : []).map(
      (part) => (cursor: Cursor) => drawBlocks(cursor, lexed.tokens, part.first, part.end, context),
    );
    this.#parts.draw(this.#frozen, drawings);
    if (block && this.#isList) this.#reshape(this.#loose || isLoose(lexed.tokens, block.first));
  }

  get #isList(): boolean {
    return isList(this.opening.type);
  }

  #reshape(loose: boolean): void {
    reshape(this.block, listAttributes(this.opening, loose));
  }
}

/** Wraps the list or table `block`, drawn as `element`, whose parts are frozen one by one. */
export function openParts(tail: Tail, block: Span, element: Element): OpenParts {
  const head = tail.text.slice(tail.starts[block.line], tail.starts[block.line + 2]);
  const opening = tail.tokens[block.first] as Token;
  return new OpenParts(element, opening, isList(block.type) ? "" : head);
}
