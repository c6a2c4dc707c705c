import { CodeBlock } from "./code-block";
import type { DrawContext } from "./context";
import type { Cursor } from "./cursor";
import { type Token, unescapeText } from "./markdown";

/** Draws a fence or an indented code block. */
export function drawCode(cursor: Cursor, token: Token, context: DrawContext): void {
  const language = languageOf(token);
  const block =
    cursor.take(CodeBlock) ?? cursor.put(new CodeBlock(cursor.document, language, context.insert));
  const open = context.env.streaming && token.type === "fence" && !isClosedFence(token);
  block.show(language, contentOf(token), open);
}

/**
 * The code; for an indented block without the line feed that the parser adds, so that it only grows at its
 * end.
 */
export function contentOf(token: Token): string {
  return token.type === "fence" ? token.content : token.content.slice(0, -1);
}

/** First word of a fence's info string; `{python}` and `{.python}` of notebooks count as `python`. */
export function languageOf(token: Token): string {
  const word = unescapeText(token.info).trim().split(/\s/)[0] ?? "";
  return word.replace(/^\{\.?|[},].*$/g, "");
}

/** Whether the code of a fence ended at a closing fence, not at the end of the text or of its container. */
export function isClosedFence(token: Token): boolean {
  const [first, last] = token.map ?? [0, 0];
  const lines = token.content.split("\n").length - 1;
  return last - first === lines + 2 && (lines > 0 ? token.content.endsWith("\n") : !token.content);
}
