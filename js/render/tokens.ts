import type { Token } from "./markdown";

/** A range of block tokens that belong together: from `tokens[first]` to `tokens[end]` (exclusive). */
export interface Span {
  type: string;
  first: number;
  end: number;
  /** Line of the lexed text where it starts. */
  line: number;
  /** Line after its last. */
  lastLine: number;
}

/** The blocks at nesting `level` among `tokens[first..end)`. */
export function spans(tokens: readonly Token[], level = 0, first = 0, end = tokens.length): Span[] {
  const found: Span[] = [];
  for (let i = first; i < end; i++) {
    const token = tokens[i] as Token;
    if (token.level !== level) continue;
    const last = found.at(-1);
    if (token.nesting < 0 && last) last.end = i + 1;
    else found.push(spanAt(token, i));
  }
  return found;
}

function spanAt(token: Token, index: number): Span {
  const [line, lastLine] = token.map ?? [0, 0];
  return { type: token.type, first: index, end: index + 1, line, lastLine };
}

/** Whether a block is visible; link reference definitions and the tags of `details` are not. */
export function isDrawn(span: Span): boolean {
  return span.type !== "reference_definition" && span.type !== "unseen";
}

export function isList(type: string): boolean {
  return type === "bullet_list_open" || type === "ordered_list_open";
}

/** Items of a list, or body rows of a table: the parts that become final one by one. */
export function parts(tokens: readonly Token[], block: Span): Span[] {
  const level = (tokens[block.first] as Token).level;
  if (isList(block.type)) return spans(tokens, level + 1, block.first + 1, block.end - 1);
  if (block.type !== "table_open") return [];
  const body = spans(tokens, level + 1, block.first + 1, block.end - 1)[1];
  return body ? spans(tokens, level + 2, body.first + 1, body.end - 1) : [];
}

/** Whether the list that `tokens[first]` opens is loose (CommonMark). */
export function isLoose(tokens: readonly Token[], first: number): boolean {
  const level = (tokens[first] as Token).level;
  for (let i = first + 1; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.level <= level) return false;
    if (token.type === "paragraph_open" && token.level === level + 2) return !token.hidden;
  }
  return false;
}

/** Index of the last block or part that starts before `line`, or -1. */
export function lastBefore(found: readonly Span[], line: number): number {
  let index = found.length - 1;
  while (index >= 0 && (found[index] as Span).line >= line) index--;
  return index;
}
