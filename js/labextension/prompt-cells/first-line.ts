/** The first line of a `%%chat` cell, read as `nbstream/magic/words.py` reads it. */

export type WordKind = "option" | "value" | "number" | "string" | "variable" | "comment";

/** A word, or a part of one, at its place in the source. */
export interface Word {
  readonly from: number;
  readonly to: number;
  readonly kind: WordKind;
}

export interface FirstLine {
  /** Place of `%%chat`. */
  readonly from: number;
  readonly magicEnd: number;
  readonly words: readonly Word[];
  /** The end of the line, with the lines that continue it after a backslash. */
  readonly to: number;
}

/** With the lines that continue it. */
const LINE = /^\s*(%%(?:nb)?chat)(?![\w])((?:[^\n]*\\[^\S\n]*\n)*[^\n]*)/;
/**
 * A comment, or a word with its quoted parts; a quotation mark that is not closed goes to the end. The backslash at the
 * end of a line belongs to no word.
 */
const WORD = /#[^\n]*|(?:'[^']*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)|\\(?!\s*(?:\n|$)).|[^\s'"\\])+/g;
const OPTION = /^(?:--[A-Za-z][\w-]*(?==|$)|-[A-Za-z])/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
const VARIABLE = /^(?:\{\s*[A-Za-z_]\w*\s*\}|\$[A-Za-z_]\w*)$/;

/** Null if the source is not a `%%chat` cell. */
export function firstLineOf(source: string): FirstLine | null {
  const line = LINE.exec(source);
  if (!line) return null;
  const [whole, magic = "", rest = ""] = line;
  const magicEnd = whole.length - rest.length;
  const from = magicEnd - magic.length;
  return { from, magicEnd, words: wordsOf(rest, magicEnd), to: whole.length };
}

function wordsOf(line: string, start: number): Word[] {
  const words: Word[] = [];
  for (const { 0: text, index } of line.matchAll(WORD)) {
    const from = start + index;
    if (text.startsWith("#")) return [...words, { from, to: start + line.length, kind: "comment" }];
    words.push(...partsOf(text, from));
  }
  return words;
}

/** An option and its value may be one word: `--model=demo`, `-mdemo`. */
function partsOf(text: string, from: number): Word[] {
  const option = NUMBER.test(text) ? null : OPTION.exec(text);
  if (!option) return [{ from, to: from + text.length, kind: kindOf(text) }];
  const middle = from + option[0].length;
  const value = text.slice(option[0].length).replace(/^=/, "");
  const parts: Word[] = [{ from, to: middle, kind: "option" }];
  const to = from + text.length;
  return value ? [...parts, { from: to - value.length, to, kind: kindOf(value) }] : parts;
}

function kindOf(value: string): WordKind {
  if (NUMBER.test(value)) return "number";
  if (VARIABLE.test(value)) return "variable";
  return /^['"]/.test(value) ? "string" : "value";
}

/** The text of a word without its quotation marks. */
export function textOf(source: string, { from, to }: Word): string {
  return source
    .slice(from, to)
    .replace(/'([^']*)'?|"((?:[^"\\]|\\.)*)"?|\\(.)/gs, (_, single, double, escaped) =>
      single !== undefined ? single : double !== undefined ? double.replace(/\\(["\\])/g, "$1") : escaped,
    );
}

/** An option of a line, and its value; the last one that is named so, as when it is parsed. */
export function optionAt(
  source: string,
  { words }: FirstLine,
  names: readonly string[],
): { option: Word; value: Word | null } | null {
  const named = words.filter(
    ({ kind, from, to }) => kind === "option" && names.includes(source.slice(from, to)),
  );
  const option = named.at(-1);
  if (!option) return null;
  const next = words[words.indexOf(option) + 1];
  const hasValue = next && next.kind !== "option" && next.kind !== "comment";
  return { option, value: hasValue ? next : null };
}

/** The value of an option. */
export function optionIn(source: string, line: FirstLine, names: readonly string[]): Word | null {
  return optionAt(source, line, names)?.value ?? null;
}

/** Whether the line has an option without a value. */
export function hasFlag(source: string, line: FirstLine, name: string): boolean {
  return line.words.some((word) => word.kind === "option" && source.slice(word.from, word.to) === name);
}
