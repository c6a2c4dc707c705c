/// <reference path="./parsers.d.ts" />
/**
 * markdown-it set up for streams of untrusted text.
 *
 * CommonMark 0.31 with GFM tables, strikethrough, bare http(s) URLs, numbered footnotes and TeX math. A few
 * HTML tags without attributes are supported; the rest is text.
 */
import type { MarkdownIt, Env as ParserEnv, StateBlock, Token } from "markdown-it";
import { helpers, ParserBlock, ParserInline, unescapeAll } from "markdown-it/parsers";
import { bareUrlAt } from "./bare-url";
import { withCjkEmphasis } from "./cjk";
import { details, htmlTag } from "./html-tags";
import { mathBlock, mathInline } from "./math";
import { type BlockRule, note, noteNumber } from "./notes";

export type { Token };

/** Link reference definitions by normalized label. */
export type References = Record<string, { title: string; href: string }>;

/** Context of the rules besides the current text. */
export interface Env extends ParserEnv {
  references: References;
  /** More text may follow, so a display formula without an end is still a formula. */
  streaming: boolean;
}

/** Maximum block and inline nesting; deeper structure is not parsed. */
const MAX_NESTING = 100;

/** Deeper blocks become one paragraph; markdown-it would drop them. */
const MAX_BLOCKS = MAX_NESTING - 4;

/** The part of `MarkdownIt` that its parsers need. */
const parser = {
  options: { html: false, linkify: true, maxNesting: MAX_NESTING },
  block: new ParserBlock(),
  inline: new ParserInline(),
  helpers,
  linkify: { matchAtStart: bareUrlAt },
  // Links are checked when they are drawn (urls.ts): a refused one must stay visible as text.
  validateLink: () => true,
  normalizeLink: (url: string) => url,
  normalizeLinkText: (url: string) => url,
} as unknown as MarkdownIt;
parser.inline.State = withCjkEmphasis(parser.inline.State);
parser.inline.ruler.before("escape", "math_inline", mathInline);
parser.inline.ruler.before("link", "note_number", noteNumber);
parser.inline.ruler.before("entity", "html_tag", htmlTag);
parser.block.ruler.before("table", "too_deep", tooDeep);
parser.block.ruler.before("fence", "math_block", mathBlock, {
  alt: ["paragraph", "reference", "blockquote", "list"],
});
parser.block.ruler.before("fence", "details", details, {
  alt: ["paragraph", "reference", "blockquote", "list"],
});
parser.block.ruler.before("reference", "note", note(parser.block.ruler.getRules("").at(-1) as BlockRule));

function tooDeep(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  if (state.level < MAX_BLOCKS || silent) return false;
  const map: [number, number] = [start, end];
  state.push("paragraph_open", "p", 1).map = map;
  const content = state.getLines(start, end, state.blkIndent, false).trim();
  Object.assign(state.push("inline", "", 0), { content, map, children: [] });
  state.push("paragraph_close", "p", -1);
  state.line = end;
  return true;
}

/** An environment whose new definitions do not reach `known`. */
export function createEnv(known: References | null, streaming: boolean): Env {
  return { references: Object.create(known), streaming };
}

/** Block tokens of `text`, whose line ends are line feeds. Inline content is left unparsed. */
export function blockTokens(text: string, env: Env): Token[] {
  const tokens: Token[] = [];
  parser.block.parse(text, parser, env, tokens);
  return tokens;
}

/** Inline tokens of the content of one block. */
export function inlineTokens(content: string, env: Env): Token[] {
  const tokens: Token[] = [];
  parser.inline.parse(content, parser, env, tokens);
  return tokens;
}

/** The content with backslash escapes and character references decoded, as in a fence's info string. */
export const unescapeText = unescapeAll;
