import remend from "remend";
import { holdInline, holdLine } from "./holdback";
import { UNCLOSED } from "./html-tags";
import { blockTokens, createEnv, type Env, type References, type Token } from "./markdown";
import { isDrawn, parts, type Span, spans } from "./tokens";

/** Longest stretch of text whose unclosed markup is completed; beyond it the cost would outweigh the use. */
const MAX_REPAIR = 4_000;
const VERBATIM = new Set(["fence", "code_block", "math_block"]);

/** A stretch of Markdown as blocks. */
export interface Lexed {
  tokens: Token[];
  blocks: Span[];
  env: Env;
}

/** The blocks of `text`. Definitions found there are in `env` alone, not in `references`. */
export function lex(text: string, references: References | null, streaming: boolean): Lexed {
  const env = createEnv(references, streaming);
  const tokens = blockTokens(text, env);
  return { tokens, blocks: spans(tokens), env };
}

/** A text that goes on, as it was lexed. */
export interface Tail extends Lexed {
  text: string;
  /** Offset of each line. */
  starts: readonly number[];
}

/** The blocks of a text that goes on. */
export function lexLive(text: string, references: References): Tail {
  return { text, starts: lineStarts(text), ...lex(text, references, true) };
}

/** Adds the definitions in `text` to `references`. */
export function define(references: References, text: string): void {
  blockTokens(text, { references, streaming: true });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return starts;
}

/**
 * What to show of a text that goes on: the same blocks, but with the undecided end held back and markup that has
 * opened completed (`**bo` shows as bold). Only the last item, row or block is touched, so nothing that is settled
 * is ever drawn from repaired text.
 */
export function presentable(tail: Tail, references: References): Lexed {
  const { text, starts } = tail;
  const block = tail.blocks.at(-1);
  if (!block) return tail;
  const part = parts(tail.tokens, block).at(-1);
  const start = starts[(part ?? block).line] ?? 0;
  const end = text.slice(start);
  const held = holdLine(end, part !== undefined && block.type === "table_open");
  const repaired = VERBATIM.has(block.type) ? held : complete(held);
  return repaired === end ? tail : lex(text.slice(0, start) + repaired, references, true);
}

/** `text` with its unclosed inline markup closed; an unfinished link is its text. */
function complete(text: string): string {
  if (text.length > MAX_REPAIR) return text;
  const repaired = remend(holdInline(text), {
    linkMode: "text-only",
    htmlTags: false,
    comparisonOperators: false,
    katex: false,
  });
  return repaired + closingTag(repaired);
}

/** The other half of a tag that is open at the end, unless the line has code in which it may stand. */
function closingTag(text: string): string {
  const line = text.slice(text.lastIndexOf("\n") + 1);
  const name = line.includes("`") ? undefined : UNCLOSED.exec(line)?.[1];
  return name ? `</${name}>` : "";
}

/** The blocks that leave something to be seen. */
export function drawnBlocks(lexed: Lexed): Span[] {
  return lexed.blocks.filter(isDrawn);
}
