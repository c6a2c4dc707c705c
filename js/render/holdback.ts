/**
 * The end of a text that must not be drawn yet, because the next characters decide what it is.
 *
 * A marker shown too early would flash: a `-` that becomes an underlined heading, the pipes of a table before
 * its delimiter row, the backticks of a fence without its language, a `*` that opens emphasis.
 */
const CONTAINERS = String.raw`(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]*`;
const MARKER = "(?:#{1,6}|[-*+]|\\d{1,9}[.)]?|>|=+|-+|`{1,2}|~{1,2}|\\\\[[(]?)";
const FENCE = "(?:`{3,}[^`]*|~{3,}.*)";
const TASK = String.raw`[-*+][ \t]+\[[ xX]?\]?`;
const DEFINITION = String.raw`\[[^\]]+\](?::[ \t]*\S*)?`;
const UNDECIDED_LINE = new RegExp(`^${CONTAINERS}(?:${MARKER}|${FENCE}|${TASK}|${DEFINITION})[ \\t]*$`);

const OPENING_TICKS = /(?<![^\s([{"'|>*_~])`+$/;
const OPENING = /(?<![^\s([{"'|>*_~])(?:\*+|_+|~+|\$+|!?\[|!)$/;
const ESCAPE = /(?<!\\)(?:\\\\)*\\$/;
const LABEL = /(?<!\w)\[([^[\]\n]*)\]$/;
/** An incomplete tag such as `<sub`. */
const TAG_START = /<\/?[a-z]{0,6}$/i;
const IMAGE = /!\[[^\]\n]*(?:\](?:\([^)\n]*|\[[^\]\n]*)?)?$/;

/** How far back to search for incomplete inline markup, in UTF-16 units. */
const MAX_LOOK_BACK = 1000;

const TABLE_LINE = /^\s*\|/;
const DELIMITER_ROW = /^[\s|:-]+$/;

/**
 * `text` without a last line that may become another block; complete lines are final, except the head of a
 * table.
 *
 * @param inTable whether the text is a row of a table already
 */
export function holdLine(text: string, inTable: boolean): string {
  const start = text.lastIndexOf("\n") + 1;
  if (UNDECIDED_LINE.test(text.slice(start))) return text.slice(0, start);
  return inTable ? text : holdTable(text);
}

/**
 * `text` without incomplete inline markup at its end: an opening marker, an escape, an image. Of a possible
 * link only the label stays. Code spans are unchanged.
 */
export function holdInline(text: string): string {
  const start = Math.max(text.lastIndexOf("\n") + 1, text.length - MAX_LOOK_BACK);
  const line = text.slice(start).replace(OPENING_TICKS, "");
  const inCode = line.split("`").length % 2 === 0;
  return text.slice(0, start) + (inCode ? line : holdMarkers(line));
}

function holdMarkers(line: string): string {
  return line
    .replace(TAG_START, "")
    .replace(IMAGE, "")
    .replace(OPENING, "")
    .replace(LABEL, "$1")
    .replace(ESCAPE, dropLast);
}

function dropLast(backslashes: string): string {
  return backslashes.slice(0, -1);
}

/** A table is held back until its delimiter row is complete. */
function holdTable(text: string): string {
  const lines = text.split("\n");
  const complete = lines.at(-1) === "";
  if (complete) lines.pop();
  const rows = trailingTableLines(lines);
  const waits = rows === 1 || (rows === 2 && !complete && DELIMITER_ROW.test(lines.at(-1) ?? ""));
  if (!waits) return text;
  const kept = lines.slice(0, -rows);
  return kept.map((line) => `${line}\n`).join("");
}

function trailingTableLines(lines: readonly string[]): number {
  let count = 0;
  while (TABLE_LINE.test(lines.at(-1 - count) ?? "")) count++;
  return count;
}
