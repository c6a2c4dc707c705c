/**
 * TeX math as markdown-it rules: `$…$`, `\(…\)` inline; `$$…$$`, `\[…\]` and `\begin{align}…\end{align}` on display.
 *
 * A dollar opens only before a non-space and closes only after a non-space, and beside neither a letter nor a digit,
 * with no other dollar between: `$5 to $6` stays money (the rule of Pandoc's tex_math_dollars, and stricter). Letters
 * of Chinese, Japanese and Korean, which are written without spaces, may be next to it.
 */
import type { StateBlock, StateInline } from "markdown-it";
import { WORD } from "./cjk";

/** Maximum length of an inline formula; limits the search for its end. */
const MAX_INLINE = 2000;
/** Maximum number of lines of a display formula; limits the search for its end. */
const MAX_LINES = 200;
const BODY = "(?:\\\\[^]|[^\\\\$`])+?";
const FORMULAS: Record<string, RegExp> = {
  $: new RegExp(`^\\$(?!\\s)(${BODY})(?<!\\s)\\$(?!${WORD}|\\$)`, "u"),
  $$: new RegExp(`^\\$\\$(${BODY})\\$\\$(?!\\$)`, "u"),
  "\\(": /^\\\(((?:\\[^()]|[^\\$`])+?)\\\)/,
  "\\[": /^\\\[((?:\\[^[\]]|[^\\$`])+?)\\\]/,
};
const AFTER_WORD = new RegExp(`(?:${WORD}|\\$)$`, "u");

const ENVIRONMENT =
  /^\\begin(\{(?:align|alignat|aligned|alignedat|array|[bBpvV]?matrix|[dr]?cases|drcases|eqnarray|equation|flalign|gather|gathered|multline|smallmatrix|split|subarray)\*?\})/;

/** Inline rule. Tokens: type `math_inline`, content the TeX source, markup the opening delimiter. */
export function mathInline(state: StateInline, silent: boolean): boolean {
  const opens = state.src[state.pos];
  if (opens !== "$" && opens !== "\\") return false;
  const found = formulaAt(state);
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

function formulaAt({ src, pos, posMax }: StateInline): Formula | null {
  const text = src.slice(pos, Math.min(posMax, pos + MAX_INLINE));
  const opener = text.startsWith("$") && text[1] !== "$" ? "$" : text.slice(0, 2);
  if (opener === "$" && AFTER_WORD.test(src.slice(Math.max(0, pos - 2), pos))) return null;
  const [whole, tex = ""] = FORMULAS[opener]?.exec(text) ?? [];
  return whole && tex.trim() && isBalanced(tex) ? { tex, opener, length: whole.length } : null;
}

/** Whether braces are balanced, as TeX requires. */
function isBalanced(tex: string): boolean {
  let depth = 0;
  for (const [brace] of tex.matchAll(/\\[{}]|[{}]/g)) {
    if (brace === "{") depth++;
    if (brace === "}" && --depth < 0) return false;
  }
  return depth === 0;
}

const CLOSERS: Record<string, string> = { $$: "$$", "\\[": "\\]" };

interface Delimiters {
  /** The length cut off at the start. */
  opener: string;
  closer: string;
  /** The part of the closing delimiter that belongs to the formula. */
  kept: string;
}

function delimitersAt(line: string): Delimiters | null {
  const opener = line.slice(0, 2);
  const closer = CLOSERS[opener];
  if (closer) return { opener, closer, kept: "" };
  const environment = ENVIRONMENT.exec(line)?.[1];
  return environment ? { opener: "", closer: `\\end${environment}`, kept: `\\end${environment}` } : null;
}

/**
 * Block rule: a formula that starts a line. Tokens: type `math_block`, content the TeX source, `meta.closed` and
 * `meta.mark`.
 *
 * A formula ends at the line that ends with its closing delimiter; a full stop or the like may follow. Without one it
 * is a formula only while text may still follow (`env.streaming`) and no blank line has come, which TeX does not
 * allow there either.
 */
export function mathBlock(state: StateBlock, start: number, end: number, silent: boolean): boolean {
  if ((state.sCount[start] ?? 0) - state.blkIndent >= 4) return false;
  const delimiters = delimitersAt(lineAt(state, start));
  const found = delimiters && untilCloser(state, start, end, delimiters);
  if (!found) return false;
  if (!silent) pushBlock(state, start, found);
  return true;
}

interface DisplayFormula {
  tex: string;
  /** A punctuation mark after it, or "". */
  mark: string;
  closed: boolean;
  /** First line after the formula. */
  after: number;
}

function untilCloser(
  state: StateBlock,
  start: number,
  end: number,
  { opener, closer, kept }: Delimiters,
): DisplayFormula | null {
  const lines: string[] = [];
  const last = Math.min(end, start + MAX_LINES);
  for (let line = start; line < last; line++) {
    const text = line === start ? lineAt(state, line).slice(opener.length) : lineAt(state, line);
    if (line > start && (state.isEmpty(line) || (state.sCount[line] ?? 0) < state.blkIndent)) return null;
    const at = text.indexOf(closer);
    if (at < 0) {
      lines.push(text);
      continue;
    }
    const mark = text.slice(at + closer.length).trim();
    if (!/^[.,;:]?$/.test(mark)) return null;
    const tex = `${[...lines, text.slice(0, at)].join("\n")}${kept}`.trim();
    return { tex, mark, closed: true, after: line + 1 };
  }
  const mayGoOn = state.env.streaming && last === end;
  return mayGoOn ? { tex: unfinished(lines), mark: "", closed: false, after: end } : null;
}

/** An incomplete formula, without what may be half of its closing delimiter. */
function unfinished(lines: readonly string[]): string {
  return lines
    .join("\n")
    .replace(/[\\$]$/, "")
    .trim();
}

function pushBlock(state: StateBlock, start: number, formula: DisplayFormula): void {
  const token = state.push("math_block", "", 0);
  token.content = formula.tex;
  token.meta = { closed: formula.closed, mark: formula.mark };
  token.map = [start, formula.after];
  state.line = formula.after;
}

function lineAt(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trimEnd();
}
