import type { StateInline } from "markdown-it";

/** Chinese, Japanese and Korean: letters, their punctuation and full-width forms. Python has the same list. */
const RANGES =
  "\\u1100-\\u11ff\\u2e80-\\u2fff\\u3001-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7ff\\uf900-\\ufaff\\ufe10-\\ufe1f" +
  "\\ufe30-\\ufe6f\\uff01-\\uffee\\u{1aff0}-\\u{1b2ff}\\u{1f200}-\\u{1f2ff}\\u{20000}-\\u{3ffff}";
const CJK = new RegExp(`[${RANGES}]`, "u");

/** A letter or digit of a script with spaces between words, as part of a regular expression. */
export const WORD = `(?![${RANGES}])[\\p{L}\\p{N}]`;

type State = new (...args: ConstructorParameters<typeof StateInline>) => StateInline;

/**
 * A parser state in which emphasis may open and close next to a CJK character, where CommonMark requires a
 * space: `**重要。**请`. The rule is that of markdown-it-cjk-friendly 3, whose table of character widths is
 * larger than this renderer.
 */
export function withCjkEmphasis(Base: State): State {
  return class extends Base {
    override scanDelims(start: number, canSplitWord: boolean) {
      const found = super.scanDelims(start, canSplitWord);
      const before = this.src.slice(Math.max(0, start - 2), start);
      const after = this.src.slice(start + found.length, Math.min(start + found.length + 2, this.posMax));
      const apart = !canSplitWord || /(?:^|\s)$/u.test(before) || /^(?:\s|$)/u.test(after);
      if (apart || !(CJK.test([...before].at(-1) ?? "") || CJK.test([...after][0] ?? ""))) return found;
      return { can_open: true, can_close: true, length: found.length };
    }
  };
}
