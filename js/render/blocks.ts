import type { DrawContext } from "./context";
import type { Attributes, Cursor, Tag } from "./cursor";
import { directionOf } from "./direction";
import { drawCode } from "./fences";
import { drawMath } from "./formula";
import { drawInline } from "./inline";
import { drawBox, itemAttributes, listAttributes } from "./lists";
import { inlineTokens, type Token } from "./markdown";
import { drawPlain } from "./plain-text";
import { cellAttributes, closeTable, openTable, startsBody } from "./tables";
import { isLoose } from "./tokens";

/**
 * Maximum length of a paragraph, heading or cell that is parsed as inline Markdown, in UTF-16 units. A longer
 * one is shown as plain text in pieces, so that neither parsing nor layout can freeze the page.
 */
const MAX_INLINE = 50_000;

/** Elements of the tokens that open a block; markdown-it's own `tag` is used only for headings. */
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

type AttributesAt = (tokens: readonly Token[], index: number) => Attributes;

const ATTRIBUTES: Record<string, AttributesAt> = {
  bullet_list_open: (tokens, i) => listAttributes(tokens[i] as Token, isLoose(tokens, i)),
  list_item_open: itemAttributes,
  ordered_list_open: (tokens, i) => listAttributes(tokens[i] as Token, isLoose(tokens, i)),
  table_open: (tokens, i) => directionOf(tokens[i] as Token),
  td_open: (tokens, i) => cellAttributes(tokens[i] as Token),
  th_open: (tokens, i) => cellAttributes(tokens[i] as Token),
};

type DrawLeaf = (cursor: Cursor, tokens: readonly Token[], index: number, context: DrawContext) => void;

const LEAVES: Record<string, DrawLeaf> = {
  code_block: (cursor, tokens, i, context) => drawCode(cursor, tokens[i] as Token, context),
  fence: (cursor, tokens, i, context) => drawCode(cursor, tokens[i] as Token, context),
  hr: (cursor) => cursor.leaf("hr"),
  inline: drawContent,
  math_block: (cursor, tokens, i, context) => drawFormula(cursor, tokens[i] as Token, context),
};

/** Draws the block tokens from `first` to `end` (exclusive). */
export function drawBlocks(
  cursor: Cursor,
  tokens: readonly Token[],
  first: number,
  end: number,
  context: DrawContext,
): void {
  let rows = 0;
  for (let i = first; i < end; i++) {
    const token = tokens[i] as Token;
    if (token.type === "tbody_open") rows = 0;
    if (token.type === "tr_open" && startsBody(rows++)) nextBody(cursor);
    if (token.nesting > 0) openBlock(cursor, tokens, i);
    else if (token.nesting < 0) closeBlock(cursor, token);
    else LEAVES[token.type]?.(cursor, tokens, i, context);
  }
}

function nextBody(cursor: Cursor): void {
  cursor.close();
  cursor.open("tbody");
}

function openBlock(cursor: Cursor, tokens: readonly Token[], index: number): void {
  const token = tokens[index] as Token;
  const { type, tag } = token;
  const attributes = ATTRIBUTES[type]?.(tokens, index) ?? directionOf(token);
  if (type === "table_open") openTable(cursor, attributes);
  else cursor.open(TAGS[type] ?? HEADINGS[tag] ?? "div", attributes);
}

function closeBlock(cursor: Cursor, token: Token): void {
  if (token.type === "table_close") closeTable(cursor);
  else cursor.close();
}

function drawContent(cursor: Cursor, tokens: readonly Token[], index: number, context: DrawContext): void {
  const content = drawBox(cursor, tokens, index);
  if (content.length > MAX_INLINE) drawPlain(cursor, content);
  else drawInline(cursor, inlineTokens(content, context.env), context);
}

function drawFormula(cursor: Cursor, token: Token, context: DrawContext): void {
  cursor.open("div", { class: "nbs-math-block", tabindex: "0" });
  drawMath(cursor, token.content, true, token.meta?.closed === true, context);
  cursor.text(String(token.meta?.mark ?? ""));
  cursor.close();
}
