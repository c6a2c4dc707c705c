import { drawBlocks } from "./blocks";
import { CodeBlock } from "./code-block";
import type { DrawContext } from "./context";
import { type Cursor, widgetOf } from "./cursor";
import { isClosedFence } from "./fences";
import type { References, Token } from "./markdown";
import { OpenFence } from "./open-fence";
import { type OpenParts, openParts } from "./open-parts";
import { Sections } from "./sections";
import { define, drawnBlocks, type Lexed, lex, lexLive, presentable, type Tail } from "./tail";
import { isDrawn, lastBefore, parts, type Span } from "./tokens";

/**
 * A Markdown document that grows at its end, and its drawing.
 *
 * CommonMark is read line by line, so a top-level block is final once another one has started on a complete
 * line (**the commit rule**). Final blocks are frozen: their text leaves the tail and is not lexed again. Of
 * the block that is still open, the items of a list and the rows of a table are frozen likewise, and a fence
 * takes text without lexing. The few cases in which later text affects earlier blocks (mainly link
 * definitions) are corrected by one pass over the whole text at the end, which changes only what differs.
 */
export class LiveDocument {
  readonly #sections: Sections;
  readonly #options: Omit<DrawContext, "env">;
  /** Text that is not frozen; starts at a line start, or inside an open fence. */
  #tail = "";
  /** Blocks that are frozen. */
  #frozen = 0;
  /** Definitions in frozen text. */
  #references: References = Object.create(null);
  #fence: OpenFence | null = null;
  #parts: OpenParts | null = null;
  /** Text of the frozen parts of the open block. */
  #consumed = "";

  constructor(root: HTMLElement, options: Omit<DrawContext, "env">) {
    this.#sections = new Sections(root);
    this.#options = options;
  }

  /** Adds text, whose line ends are line feeds, and draws it. */
  append(text: string): void {
    this.#tail += text;
    if (this.#fence) this.#advanceFence(this.#fence);
    if (!this.#fence && this.#tail) this.#advance();
  }

  /** Draws `text` after the current text, until more is appended; returns whether it could be drawn. */
  preview(text: string): boolean {
    const tail = lexLive((this.#parts?.prefix ?? "") + this.#tail + text, this.#references);
    if (this.#fence || (this.#parts && !this.#parts.continues(tail))) return false;
    this.#draw(presentable(tail, this.#references));
    return true;
  }

  /** Draws the complete `text` over the current nodes. */
  finish(text: string): void {
    this.restart();
    const lexed = lex(text, null, false);
    this.#draw(lexed);
    this.#sections.settle(drawnBlocks(lexed).length);
  }

  /** Forgets the text; the nodes stay until they are drawn over. */
  restart(): void {
    this.#tail = this.#consumed = "";
    this.#frozen = 0;
    this.#references = Object.create(null);
    this.#fence = this.#parts = null;
  }

  #advanceFence(fence: OpenFence): void {
    const { rest, closed } = fence.advance(this.#tail);
    this.#tail = rest;
    if (!closed) return;
    this.#fence = null;
    this.#freeze(1);
  }

  #advance(): void {
    const tail = lexLive((this.#parts?.prefix ?? "") + this.#tail, this.#references);
    if (this.#parts && !this.#parts.continues(tail)) {
      this.#reopen();
    } else {
      this.#draw(presentable(tail, this.#references));
      this.#commit(tail);
    }
  }

  /** The open list or table has become another block: it is parsed again from its start. */
  #reopen(): void {
    this.#tail = this.#consumed + this.#tail;
    this.#consumed = "";
    this.#parts = null;
    this.#advance();
  }

  #draw(lexed: Lexed): void {
    const context: DrawContext = { env: lexed.env, ...this.#options };
    const drawings = drawnBlocks(lexed).map(
      (block) => (cursor: Cursor) => drawBlocks(cursor, lexed.tokens, block.first, block.end, context),
    );
    if (this.#parts) this.#drawParts(this.#parts, lexed, context, drawings);
    this.#sections.draw(this.#frozen, drawings);
  }

  /** Inserts the existing drawing of the open list or table before those of the following blocks. */
  #drawParts(
    open: OpenParts,
    lexed: Lexed,
    context: DrawContext,
    drawings: ((cursor: Cursor) => void)[],
  ): void {
    if (open.continues(lexed)) drawings.shift();
    drawings.unshift((cursor) => {
      cursor.skip();
      open.draw(lexed, context);
    });
  }

  /** Applies the commit rule. */
  #commit(tail: Tail): void {
    const complete = tail.starts.length - 1;
    const index = lastBefore(tail.blocks, complete);
    const open = tail.blocks[index];
    if (!open) return;
    if (index > 0) this.#freezeBlocks(tail, index, open.line);
    if (open.type === "fence") this.#freezeFence(tail, index, complete);
    else this.#freezeParts(tail, open, complete);
  }

  /** Freezes the first `count` blocks of the tail, which continues at `line`. */
  #freezeBlocks(tail: Tail, count: number, line: number): void {
    this.#cut(tail, line);
    this.#parts = null;
    this.#consumed = "";
    this.#freeze(tail.blocks.slice(0, count).filter(isDrawn).length);
  }

  #freeze(blocks: number): void {
    this.#frozen += blocks;
    this.#sections.freeze(this.#frozen);
  }

  /** Makes the tail start at `line`; definitions before it apply to the rest. */
  #cut(tail: Tail, line: number): void {
    const start = tail.starts[line] ?? tail.text.length;
    if (Object.keys(tail.env.references).length) define(this.#references, tail.text.slice(0, start));
    this.#tail = tail.text.slice(start);
  }

  #freezeFence(tail: Tail, index: number, complete: number): void {
    const fence = tail.blocks[index] as Span;
    const token = tail.tokens[fence.first] as Token;
    if (!isClosedFence(token) || fence.lastLine > complete) this.#openFence(tail, fence, token);
    else if (index === 0) this.#freezeBlocks(tail, 1, fence.lastLine);
  }

  /**
   * Appends code directly to its block from now on, unless the fence is indented and lines need stripping.
   */
  #openFence(tail: Tail, fence: Span, token: Token): void {
    const start = tail.starts[fence.line] ?? 0;
    const body = tail.text.slice(tail.starts[fence.line + 1]);
    const code = this.#codeBlock();
    if (tail.text[start] !== token.markup[0] || !code || !body.startsWith(code.content)) return;
    this.#fence = new OpenFence(code, token.markup);
    this.#tail = body.slice(code.content.length);
  }

  #codeBlock(): CodeBlock | null {
    const element = this.#sections.element(this.#frozen);
    const widget = element && widgetOf(element);
    return widget instanceof CodeBlock ? widget : null;
  }

  #freezeParts(tail: Tail, block: Span, complete: number): void {
    const all = parts(tail.tokens, block);
    const count = lastBefore(all, complete);
    const element = this.#sections.element(this.#frozen);
    const next = all[count];
    if (!next || count === 0 || !element) return;
    const from = this.#parts?.prefix.length ?? tail.starts[block.line];
    this.#parts ??= openParts(tail, block, element);
    this.#parts.freeze(tail, block, count);
    this.#consumed += tail.text.slice(from, tail.starts[next.line]);
    this.#cut(tail, next.line);
  }
}
