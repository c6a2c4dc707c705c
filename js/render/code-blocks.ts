/** The blocks of code in an answer, without drawing it. */

import { contentOf, languageOf } from "./fences";
import { normalize } from "./line-ends";
import { lex } from "./tail";

export interface FoundCode {
  /** First word of the fence's info string, "" if it has none. */
  language: string;
  code: string;
}

/** The blocks of code in Markdown, in order, also those in lists and quotations. */
export function codeBlocks(markdown: string): FoundCode[] {
  const { tokens } = lex(normalize(markdown), null, false);
  return tokens
    .filter(({ type }) => type === "fence" || type === "code_block")
    .map((token) => ({ language: languageOf(token), code: contentOf(token) }));
}
