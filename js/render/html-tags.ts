/**
 * markdown-it rules for tags that models write because Markdown has no syntax for them. They are drawn as
 * nodes, never parsed as HTML: a tag with attributes or without its counterpart stays text.
 */
import type { StateBlock, StateInline } from "markdown-it";

const NAMES = "b|code|del|em|i|ins|kbd|mark|s|strong|sub|sup|u";
const OPENING = new RegExp(`^<(${NAMES})>`, "i");
const BREAK = /^<br ?\/?>/i;
/** Longest tag, with its angle brackets. */
const LONGEST = 8;
/** Maximum nesting of tags, as in Python. */
const MAX_DEPTH = 12;

/** Tags whose counterpart was not received yet, at the end of a line. */
export const UNCLOSED = new RegExp(`<(${NAMES})>(?:(?!</\\1>).)*$`, "i");

/** Inline rule. Tokens: `hardbreak`; `tag_open` and `tag_close`, whose `tag` is the name. */
export function htmlTag(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "<") return false;
  const start = state.src.slice(state.pos, state.pos + LONGEST);
  const lineBreak = BREAK.exec(start);
  if (!lineBreak) return pair(state, silent, OPENING.exec(start));
  if (!silent) state.push("hardbreak", "br", 0);
  state.pos += lineBreak[0].length;
  return true;
}

function pair(state: StateInline, silent: boolean, opening: RegExpExecArray | null): boolean {
  const name = opening?.[1]?.toLowerCase();
  const depth = Number(state.env.tagDepth ?? 0);
  if (!opening || !name || depth >= MAX_DEPTH) return false;
  const inside = state.pos + opening[0].length;
  const end = closingTag(state, name, inside);
  if (end <= inside) return false;
  if (!silent) drawPair(state, name, inside, end);
  state.pos = end + name.length + 3;
  return true;
}

/** Where the closing tag starts, or -1 if there is none. */
function closingTag(state: StateInline, name: string, from: number): number {
  const cache = state.cache as unknown as Record<string, Map<number, number>>;
  // Once per name, so that many unmatched tags are not expensive.
  const pairs = cache[`<${name}>`] ?? pairsOf(state.src, name);
  cache[`<${name}>`] = pairs;
  const end = pairs.get(from - name.length - 2) ?? -1;
  return end < state.posMax && state.src[from] !== "\n" ? end : -1;
}

/** Positions of each opening tag and its closing tag. */
function pairsOf(text: string, name: string): Map<number, number> {
  const pairs = new Map<number, number>();
  const opened: number[] = [];
  for (const { 0: tag, index } of text.matchAll(new RegExp(`</?${name}>`, "gi"))) {
    if (tag[1] !== "/") opened.push(index);
    else if (opened.length) pairs.set(opened.pop() as number, index);
  }
  return pairs;
}

function drawPair(state: StateInline, name: string, inside: number, end: number): void {
  const { posMax } = state;
  const depth = Number(state.env.tagDepth ?? 0);
  state.push("tag_open", name, 1);
  state.env.tagDepth = depth + 1;
  state.pos = inside;
  state.posMax = end;
  state.md.inline.tokenize(state);
  state.posMax = posMax;
  state.env.tagDepth = depth;
  state.push("tag_close", name, -1);
}

const DETAILS = /^(?:<details(?: open)?>)?[ \t]*(?:<summary>(.*?)<\/summary>)?[ \t]*(?:<\/details>)?$/i;

/**
 * Block rule: a line with nothing but the tags of a part that folds. What it holds is shown, its summary in bold.
 *
 * Tokens: a paragraph, or type `unseen` where there is no summary.
 */
export function details(state: StateBlock, start: number, _end: number, silent: boolean): boolean {
  if ((state.sCount[start] ?? 0) - state.blkIndent >= 4) return false;
  const from = (state.bMarks[start] ?? 0) + (state.tShift[start] ?? 0);
  if (state.src[from] !== "<") return false;
  const found = DETAILS.exec(state.src.slice(from, state.eMarks[start]).trimEnd());
  if (!found) return false;
  if (!silent) pushSummary(state, start, found[1]?.trim() ?? "");
  return true;
}

function pushSummary(state: StateBlock, start: number, summary: string): void {
  const map: [number, number] = [start, start + 1];
  if (summary) {
    state.push("paragraph_open", "p", 1).map = map;
    Object.assign(state.push("inline", "", 0), { content: `<b>${summary}</b>`, map, children: [] });
    state.push("paragraph_close", "p", -1);
  } else {
    state.push("unseen", "", 0).map = map;
  }
  state.line = start + 1;
}
