/** The expressions of a prompt: what is between double braces, as `nbstream/prompts/expressions.py` finds it. */

export interface ExpressionSpan {
  /** Place in the text, with the braces. */
  readonly from: number;
  readonly to: number;
  /** What is between the braces. */
  readonly source: string;
}

/** Characters of an expression. Without a limit, a text with many open braces would be read many times. */
const LONGEST = 1000;
const OPENING = "{[(";
const CLOSING = "}])";
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;

/** The expressions of a text from an index on. One whose braces are not closed yet is none. */
export function expressionsIn(text: string, start = 0): ExpressionSpan[] {
  const spans: ExpressionSpan[] = [];
  let from = text.indexOf("{{", start);
  while (from >= 0) {
    const to = endOf(text, from + 2);
    if (to > 0) spans.push({ from, to, source: text.slice(from + 2, to - 2) });
    from = text.indexOf("{{", to > 0 ? to : from + 2);
  }
  return spans;
}

/** Where an expression ends; -1 if it does not. Braces in texts and of dicts do not end it. */
function endOf(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < Math.min(text.length, start + LONGEST); at += 1) {
    const sign = text.charAt(at);
    if (sign === "}" && depth === 0 && text.charAt(at + 1) === "}") return at + 2;
    if (OPENING.includes(sign)) depth += 1;
    else if (CLOSING.includes(sign)) depth = Math.max(0, depth - 1);
    else if (sign === "'" || sign === '"') {
      STRING.lastIndex = at;
      const string = STRING.exec(text);
      // Not an expression; the kernel says so.
      if (!string) return endOfLiteral(text, at);
      at += string[0].length - 1;
    }
  }
  return -1;
}

function endOfLiteral(text: string, from: number): number {
  const end = text.indexOf("}}", from);
  return end < 0 ? -1 : end + 2;
}
