/** What the marks of a prompt cell are about: the words of its first line, and the expressions of its prompt. */

import { type ExpressionSpan, expressionsIn } from "./expressions";
import { type FirstLine, firstLineOf, hasFlag, optionIn, textOf } from "./first-line";

export interface Prompt {
  readonly firstLine: FirstLine | null;
  readonly expressions: readonly ExpressionSpan[];
  /** The variable of `--over`; empty without one. */
  readonly table: string;
}

export function promptOf(source: string): Prompt {
  const firstLine = firstLineOf(source);
  if (!firstLine) return { firstLine, expressions: [], table: "" };
  const over = optionIn(source, firstLine, ["--over"]);
  return {
    firstLine,
    expressions: hasFlag(source, firstLine, "--raw") ? [] : expressionsIn(source, firstLine.to),
    table: over ? textOf(source, over) : "",
  };
}
