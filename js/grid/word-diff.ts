/** Two texts compared word by word, as `nbstream.diff` compares them in Python. */

export type Change = [kind: "same" | "del" | "ins", text: string];

const UNSPACED = "\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\u0e00-\\u0e7f";
const WORDS = new RegExp(
  `[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}_])+|\\s+|[^\\p{L}\\p{N}\\p{M}_\\s]`,
  "gu",
);

/** More differing words take too long to compare: the rest counts as replaced. */
const MOST_EDITS = 1000;

/** The pieces of both texts, in order. */
export function wordDiff(before: string, after: string): Change[] {
  const [old, next] = [before.match(WORDS) ?? [], after.match(WORDS) ?? []];
  const shorter = Math.min(old.length, next.length);
  let start = 0;
  while (start < shorter && old[start] === next[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === next[next.length - 1 - end]) end += 1;
  const middle = edits(old.slice(start, old.length - end), next.slice(start, next.length - end));
  return joined([
    ["same", old.slice(0, start).join("")],
    ...middle,
    ["same", old.slice(old.length - end).join("")],
  ]);
}

/** The algorithm of Myers (1986): the shortest list of edits. */
function edits(old: readonly string[], next: readonly string[]): Change[] {
  const trace: Int32Array[] = [];
  const most = Math.min(old.length + next.length, MOST_EDITS);
  const reached = new Int32Array(2 * most + 3);
  for (let count = 0; count <= most; count += 1) {
    trace.push(reached.slice());
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      const place = most + 1 + diagonal;
      const down = isDown(reached, place, diagonal, count);
      let x = down ? at(reached, place + 1) : at(reached, place - 1) + 1;
      while (x < old.length && x - diagonal < next.length && old[x] === next[x - diagonal]) x += 1;
      reached[place] = x;
      if (x >= old.length && x - diagonal >= next.length) return pathOf(trace, old, next, most);
    }
  }
  return [
    ["del", old.join("")],
    ["ins", next.join("")],
  ];
}

function isDown(reached: Int32Array, place: number, diagonal: number, count: number): boolean {
  return diagonal === -count || (diagonal !== count && at(reached, place - 1) < at(reached, place + 1));
}

function at(values: Int32Array, place: number): number {
  return values[place] ?? 0;
}

/** Goes back from the end of both texts. */
function pathOf(
  trace: readonly Int32Array[],
  old: readonly string[],
  next: readonly string[],
  most: number,
): Change[] {
  const found: Change[] = [];
  let [x, y] = [old.length, next.length];
  for (let count = trace.length - 1; count >= 0; count -= 1) {
    const reached = trace[count] as Int32Array;
    const diagonal = x - y;
    const down = isDown(reached, most + 1 + diagonal, diagonal, count);
    const from = count === 0 ? 0 : at(reached, most + 1 + diagonal + (down ? 1 : -1));
    const stop = count === 0 ? 0 : down ? from : from + 1;
    while (x > stop) {
      x -= 1;
      y -= 1;
      found.push(["same", old[x] as string]);
    }
    if (count === 0) break;
    if (down) {
      y -= 1;
      found.push(["ins", next[y] as string]);
    } else {
      x -= 1;
      found.push(["del", old[x] as string]);
    }
  }
  return found.reverse();
}

/** Without empty pieces, and with neighbours of the same kind as one. */
function joined(changes: readonly Change[]): Change[] {
  const found: Change[] = [];
  for (const [kind, text] of changes) {
    const last = found.at(-1);
    if (last?.[0] === kind) last[1] += text;
    else if (text) found.push([kind, text]);
  }
  return found;
}
