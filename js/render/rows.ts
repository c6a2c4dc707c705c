/**
 * The cells of a table's row, between two empty ones as markdown-it expects them.
 *
 * GFM splits a row at every pipe and drops extra cells. Here nothing is dropped: a row with too many cells is
 * split again, ignoring pipes in code, and the rest stays in the last cell.
 */
export function splitRow(line: string, columns: number): string[] {
  const split = divided(line, columns);
  if (split.length <= columns) return ["", ...split, ""];
  const last = split.slice(columns - 1).join("|");
  return ["", ...split.slice(0, columns - 1), last, ""];
}

/** All cells of a head: if there are too many, the lines are not a table. */
export function splitHead(line: string, columns: number): string[] {
  return ["", ...divided(line, columns), ""];
}

function divided(line: string, columns: number): string[] {
  const simple = cells(line, false);
  return simple.length > columns ? cells(line, true) : simple;
}

const PARTS = /\\\||\\`|\||(`+)(?!`)|[^\\`|]+|\\/g;

function cells(line: string, code: boolean): string[] {
  const found = [""];
  const add = (text: string) => {
    found[found.length - 1] += text;
  };
  PARTS.lastIndex = 0;
  for (let part = PARTS.exec(line); part; part = PARTS.exec(line)) {
    const [text, ticks] = part;
    const end = code && ticks ? closing(line, ticks, PARTS.lastIndex) : -1;
    if (text === "|") found.push("");
    else if (text === "\\|") add("|");
    else if (end < 0) add(text);
    else {
      add(line.slice(part.index, end).replaceAll("\\|", "|"));
      PARTS.lastIndex = end;
    }
  }
  if (found[0] === "") found.shift();
  if (found.at(-1) === "") found.pop();
  return found;
}

/** The end of the code span opened by `ticks`, or -1. */
function closing(line: string, ticks: string, from: number): number {
  const found = new RegExp(`(?<!\`)${ticks}(?!\`)`, "g");
  found.lastIndex = from;
  return found.test(line) ? found.lastIndex : -1;
}
