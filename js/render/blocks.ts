import { ChunkedText } from "./chunked-text";
import { CodeBlock } from "./code-block";
import type { DrawContext } from "./context";
import type { Attributes, Cursor, Tag } from "./cursor";
import { drawInline } from "./inline";
import { inlineTokens, type Token, unescapeText } from "./markdown";
import { drawMath } from "./math-source";
import { isClosedFence, isLoose } from "./tokens";

/**
 * Longest paragraph, heading or cell that is read as inline Markdown, in UTF-16 units. A longer one, which no one
 * writes by hand, is shown as plain text in pieces, so that neither parsing nor layout can freeze the page.
 */
const MAX_INLINE = 50_000;

const TAGS: Record<string, Tag> = {
  blockquote_open: "blockquote",
  bullet_list_open: "ul",
  list_item_open: "li",
  ordered_list_open: "ol",
  paragraph_open: "p",
  tbody_open: "tbody",
  td_open: "td",
  th_open: "th",
  thead_open: "thead",
  tr_open: "tr",
};
const HEADINGS: Record<string, Tag> = { h1: "h1", h2: "h2", h3: "h3", h4: "h4", h5: "h5", h6: "h6" };
const ALIGNMENTS: Record<string, string> = {
  "text-align:center": "nbs-center",
  "text-align:left": "nbs-left",
  "text-align:right": "nbs-right",
};
const TABLE_FRAME: Attributes = { class: "nbs-table", role: "region", "aria-label": "Table", tabindex: "0" };
const TASK = /^\[([ xX])\][ \t\n]+/;

/** Draws the block tokens from `first` up to, not with, `end`. */
export function drawBlocks(cursor: Cursor, tokens: readonly Token[], first: number, end: number, context: DrawContext) {
  for (let i = first; i < end; i++) {
    const token = tokens[i] as Token;
    if (token.nesting > 0) openBlock(cursor, tokens, i);
    else if (token.nesting < 0) closeBlock(cursor, token);
    else drawLeaf(cursor, tokens, i, context);
  }
}

function openBlock(cursor: Cursor, tokens: readonly Token[], index: number): void {
  const token = tokens[index] as Token;
  if (token.type === "table_open") {
    cursor.open("div", TABLE_FRAME);
    cursor.open("table");
  } else if (token.type === "heading_open") cursor.open(HEADINGS[token.tag] ?? "p");
  else cursor.open(TAGS[token.type] ?? "div", blockAttributes(tokens, index));
}

function closeBlock(cursor: Cursor, token: Token): void {
  if (token.type === "table_close") cursor.close();
  cursor.close();
}

function blockAttributes(tokens: readonly Token[], index: number): Attributes {
  const token = tokens[index] as Token;
  switch (token.type) {
    case "bullet_list_open":
    case "ordered_list_open":
      return listAttributes(token, isLoose(tokens, index));
    case "list_item_open":
      return isTask(tokens, index) ? { class: "nbs-task-item" } : {};
    case "th_open":
      return { scope: "col", ...alignment(token) };
    case "td_open":
      return alignment(token);
    default:
      return {};
  }
}

/** Attributes of a list; a loose one has space between its items. */
export function listAttributes(token: Token, loose: boolean): Attributes {
  const start = token.attrGet("start");
  return { ...(loose && { class: "nbs-loose" }), ...(start !== null && { start: String(Number(start)) }) };
}

function alignment(token: Token): Attributes {
  const name = ALIGNMENTS[String(token.attrGet("style"))];
  return name ? { class: name } : {};
}

/** GFM task list item: its first block is a paragraph that begins with a box. */
function isTask(tokens: readonly Token[], item: number): boolean {
  return tokens[item + 1]?.type === "paragraph_open" && TASK.test(tokens[item + 2]?.content ?? "");
}

function drawLeaf(cursor: Cursor, tokens: readonly Token[], index: number, context: DrawContext): void {
  const token = tokens[index] as Token;
  switch (token.type) {
    case "inline":
      return drawContent(cursor, tokens, index, context);
    case "fence":
    case "code_block":
      return drawCode(cursor, token, context);
    case "math_block":
      return drawFormula(cursor, token, context);
    case "hr":
      return cursor.leaf("hr");
  }
}

function drawContent(cursor: Cursor, tokens: readonly Token[], index: number, context: DrawContext): void {
  let { content } = tokens[index] as Token;
  if (content.length > MAX_INLINE) return drawPlain(cursor, content);
  const box = tokens[index - 2]?.type === "list_item_open" ? TASK.exec(content) : null;
  if (box) {
    drawBox(cursor, box[1] !== " ");
    content = content.slice(box[0].length);
  }
  drawInline(cursor, inlineTokens(content, context.env), context);
}

function drawBox(cursor: Cursor, done: boolean): void {
  cursor.leaf("span", {
    class: done ? "nbs-box nbs-box-done" : "nbs-box",
    role: "img",
    "aria-label": done ? "Done:" : "To do:",
  });
}

/** Text too long to be read as Markdown. */
class PlainText extends ChunkedText {
  #content = "";

  show(content: string): void {
    if (!content.startsWith(this.#content)) {
      this.clear();
      this.#content = "";
    }
    this.append(content.slice(this.#content.length));
    this.#content = content;
  }
}

function drawPlain(cursor: Cursor, content: string): void {
  const plain = cursor.take(PlainText) ?? cursor.put(new PlainText(plainElement(cursor.document)));
  plain.show(content);
}

function plainElement(document: Document): HTMLElement {
  const span = document.createElement("span");
  span.className = "nbs-unparsed";
  return span;
}

function drawCode(cursor: Cursor, token: Token, context: DrawContext): void {
  const block = cursor.take(CodeBlock) ?? cursor.put(new CodeBlock(cursor.document));
  const open = context.env.streaming && token.type === "fence" && !isClosedFence(token);
  block.show(languageOf(token), token.content, open);
}

/** First word of a fence's info string; `{python}` and `{.python}` of notebooks count as `python`. */
function languageOf(token: Token): string {
  const word = unescapeText(token.info).trim().split(/\s/)[0] ?? "";
  return word.replace(/^\{\.?|[},].*$/g, "");
}

function drawFormula(cursor: Cursor, token: Token, context: DrawContext): void {
  cursor.open("div", { class: "nbs-math-block", tabindex: "0" });
  drawMath(cursor, token.content, true, token.meta?.closed === true, context);
  cursor.close();
}
