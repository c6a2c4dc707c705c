import remend from "remend";
import { holdInline, holdLine } from "./holdback";
import { UNCLOSED } from "./html-tags";
import { blockTokens, createEnv, type Env, type References, type Token } from "./markdown";
import { isDrawn, parts, type Span, spans } from "./tokens";

/** Maximum length of text whose unclosed markup is completed; beyond it the cost is too high. */
const MAX_REPAIR = 4_000;
const VERBATIM = new Set(["fence", "code_block", "math_block"]);

/** A part of the Markdown as blocks. */
export interface Lexed {
  tokens: Token[];
  blocks: Span[];
  env: Env;
}

/** The blocks of `text`. Definitions found there are only in `env`, not in `references`. */
export function lex(text: string, references: References | null, streaming: boolean): Lexed {
  const env = createEnv(references, streaming);
  const tokens = blockTokens(text, env);
  return { tokens, blocks: spans(tokens), env };
}

/** An incomplete text, as lexed. */
export interface Tail extends Lexed {
  text: string;
  /** Offset of each line. */
  starts: readonly number[];
}

/** The blocks of an incomplete text. */
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
 * The blocks to show of an incomplete text: the undecided end is held back, and open markup is completed
 * (`**bo` is shown as bold). Only the last item, row or block is changed, so final parts are never drawn from
 * repaired text.
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

/** The closing tag for a tag that is open at the end, unless the line has code that may contain it. */
function closingTag(text: string): string {
  const line = text.slice(text.lastIndexOf("\n") + 1);
  const name = line.includes("`") ? undefined : UNCLOSED.exec(line)?.[1];
  return name ? `</${name}>` : "";
}

/** The visible blocks. */
export function drawnBlocks(lexed: Lexed): Span[] {
  return lexed.blocks.filter(isDrawn);
}
