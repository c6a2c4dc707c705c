/**
 * The end of a text that must not be drawn yet, because the next characters decide what it is.
 *
 * A marker shown too early would flash: a `-` that becomes an underlined heading, the pipes of a table whose
 * delimiter row has not come, the ticks of a fence without its language.
 */
const QUOTE_OR_ITEM = String.raw`(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]*`;
const BARE_MARKER = String.raw`(?:#{1,6}|[-*+]|\d{1,9}[.)]?|>|=+|-+|\`{1,2}|~{1,2}|!?\[|!|\$\$?|\\[[(]?|\*{1,3}|_{1,3})`;
const FENCE = String.raw`(?:\`{3,}[^\`]*|~{3,}.*)`;
const TASK = String.raw`[-*+][ \t]+\[[ xX]?\]?`;
const UNDECIDED = new RegExp(`^${QUOTE_OR_ITEM}(?:${BARE_MARKER}|${FENCE}|${TASK})[ \\t]*$`);
const TABLE_LINE = /^\s*\|/;
const DELIMITER_ROW = /^[\s|:-]+$/;

/**
 * `text` without its undecided end; complete lines are decided but for the header of a table.
 *
 * @param inTable whether the text is a row of a table already
 */
export function holdBack(text: string, inTable: boolean): string {
  const start = text.lastIndexOf("\n") + 1;
  if (UNDECIDED.test(text.slice(start))) return text.slice(0, start);
  return inTable ? text : holdTable(text);
}

/** A table is held until its delimiter row is complete. */
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
