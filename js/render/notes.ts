/**
 * Footnotes, as markdown-it rules. `[^1]` becomes a small number, and a note stays where it was written:
 * nothing is moved to the end, so that a streaming answer does not jump. Other labels stay text.
 */
import type { StateBlock, StateInline } from "markdown-it";

const REFERENCE = /^\[\^(\d{1,3})\](?:(:[ \t]*)|(?!\(|\[(?!\^\d)))/;
/** A note that looks like a link definition: it would disappear, as definitions are not drawn. */
const NOTE = /^\[(?:\^[^\]]*\]:|[^\]\\]+\]:[ \t]*[\p{L}\p{N}-]+[.!]?$)/u;

export type BlockRule = (state: StateBlock, start: number, end: number, silent: boolean) => boolean;

/** Block rule: a note is a paragraph; `paragraph` is markdown-it's rule for those. */
export function note(paragraph: BlockRule): BlockRule {
  return (state, start, end, silent) => {
    const from = (state.bMarks[start] ?? 0) + (state.tShift[start] ?? 0);
    if (state.src[from] !== "[") return false;
    const isNote = NOTE.test(state.src.slice(from, state.eMarks[start]).trimEnd());
    return isNote && paragraph(state, start, end, silent);
  };
}

/** Inline rule. Tokens: as for `<sup>[1]</sup>`; at the start of a line after another, a `hardbreak` first. */
export function noteNumber(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "[" || state.linkLevel > 0) return false;
  const found = REFERENCE.exec(state.src.slice(state.pos, state.pos + 80));
  if (!found) return false;
  const [whole, number = "", colon = ""] = found;
  const isNote = colon !== "" && (state.pos === 0 || state.src[state.pos - 1] === "\n");
  if (!silent) pushNumber(state, number, isNote);
  state.pos += isNote ? whole.length : whole.length - colon.length;
  return true;
}

function pushNumber(state: StateInline, number: string, isNote: boolean): void {
  if (isNote && state.pos > 0) state.push("hardbreak", "br", 0);
  state.push("tag_open", "sup", 1);
  state.push("text", "", 0).content = `[${number}]`;
  state.push("tag_close", "sup", -1);
  if (isNote) state.push("text", "", 0).content = " ";
}
