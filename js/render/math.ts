/**
 * TeX math as markdown-it rules: `$…$`, `\(…\)` inline; `$$…$$`, `\[…\]` on display.
 *
 * A dollar opens only before a non-space and closes only after a non-space and before neither letter nor digit,
 * with no other dollar between: `$5 to $6` stays money (the rule of Pandoc's tex_math_dollars, and stricter).
 */
import type { StateBlock, StateInline } from "markdown-it";

/** Longest inline formula; bounds the search for its end. */
const MAX_INLINE = 2000;
/** Most lines of a display formula; bounds the search likewise. */
const MAX_LINES = 200;
const DOLLAR = /^\$(?![\s$])((?:\\[\s\S]|[^\\$])*?)(?<!\s)\$(?![\p{L}\p{N}$])/u;
const CLOSERS: Record<string, string> = { $$: "$$", "\\(": "\\)", "\\[": "\\]" };

/** Inline rule. Tokens: type `math_inline`, content the TeX source, markup the opening delimiter. */
export function mathInline(state: StateInline, silent: boolean): boolean {
  const opens = state.src[state.pos];
  if (opens !== "$" && opens !== "\\") return false;
  if (opens === "$" && /[\p{L}\p{N}$]/u.test(state.src[state.pos - 1] ?? "")) return false;
  const found = formulaAt(state.src.slice(state.pos, Math.min(state.posMax, state.pos + MAX_INLINE)));
  if (!found) return false;
  if (!silent) {
    const token = state.push("math_inline", "", 0);
    token.content = found.tex.trim();
    token.markup = found.opener;
  }
  state.pos += found.length;
  return true;
}

interface Formula {
  tex: string;
  opener: string;
  length: number;
}

function formulaAt(text: string): Formula | null {
  const opener = text.slice(0, 2);
  const closer = CLOSERS[opener];
  if (closer) return until(closer, opener, text);
  const dollar = DOLLAR.exec(text);
  return dollar?.[1] ? { tex: dollar[1], opener: "$", length: dollar[0].length } : null;
}

function until(closer: string, opener: string, text: string): Formula | null {
  const end = text.indexOf(closer, 2);
  const tex = text.slice(2, end);
  return end > 0 && tex.trim() ? { tex, opener, length: end + 2 } : null;
}

/**
 * Block rule: a formula that starts a line. Tokens: type `math_block`, content the TeX source, `meta.closed`.
 *
 * A formula ends at the line that ends with its closing delimiter. Without one it is a formula only while text may
 * still follow (`env.streaming`) and no blank line has come, which TeX does not allow there either.
 */
export function mathBlock(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  if ((state.sCount[start] ?? 0) - state.blkIndent >= 4) return false;
  const first = lineAt(state, start);
  const closer = CLOSERS[first.slice(0, 2)];
  if (!closer || first.startsWith("\\(")) return false;
  const found = untilCloser(state, start, end, closer);
  if (!found) return false;
  if (!silent) pushBlock(state, start, found);
  return true;
}

interface DisplayFormula {
  tex: string;
  closed: boolean;
  /** First line after the formula. */
  after: number;
}

function untilCloser(state: StateBlock, start: number, end: number, closer: string): DisplayFormula | null {
  const lines: string[] = [];
  const last = Math.min(end, start + MAX_LINES);
  for (let line = start; line < last; line++) {
    const text = line === start ? lineAt(state, line).slice(2) : lineAt(state, line);
    if (line > start && (state.isEmpty(line) || (state.sCount[line] ?? 0) < state.blkIndent)) return null;
    const at = text.indexOf(closer);
    if (at < 0) {
      lines.push(text);
      continue;
    }
    if (text.slice(at + 2).trim()) return null;
    return { tex: [...lines, text.slice(0, at)].join("\n").trim(), closed: true, after: line + 1 };
  }
  const mayGoOn = state.env.streaming && last === end;
  return mayGoOn ? { tex: unfinished(lines), closed: false, after: end } : null;
}

/** A formula so far, without what may be half of its closing delimiter. */
function unfinished(lines: readonly string[]): string {
  return lines
    .join("\n")
    .replace(/[\\$]$/, "")
    .trim();
}

function pushBlock(state: StateBlock, start: number, formula: DisplayFormula): void {
  const token = state.push("math_block", "", 0);
  token.content = formula.tex;
  token.meta = { closed: formula.closed };
  token.map = [start, formula.after];
  state.line = formula.after;
}

function lineAt(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trimEnd();
}
