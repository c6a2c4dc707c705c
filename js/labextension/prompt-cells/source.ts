/** The sources of cells that become `%%chat` cells, and of `%%chat` cells that become other cells. */

const PROMPT_CELL = /^\s*%%(?:nb)?chat\b/;
/** The first line of a `%%chat` cell. */
const FIRST_LINE = /^\s*(%%(?:nb)?chat\b[^\n]*)(?:\n|$)/;
/** The first line as a comment of Markdown or code, which keeps the options. */
const MARKDOWN_COMMENT = /^<!-- nbstream: (%%(?:nb)?chat\b[^\n]*) -->(?:\n|$)/;
const CODE_COMMENT = /^# nbstream: (%%(?:nb)?chat\b[^\n]*)(?:\n|$)/;
/** Without options, the comment would keep nothing. */
const PLAIN = "%%chat";

/** The cells that `%%chat` cells are made from. */
export type Origin = "code" | "markdown";

export function isPromptSource(source: string): boolean {
  return PROMPT_CELL.test(source);
}

/** A cell as a `%%chat` cell, with the options that it had as one. */
export function asPrompt(source: string, from: Origin): string {
  const kept = (from === "code" ? CODE_COMMENT : MARKDOWN_COMMENT).exec(source);
  if (!kept) return `${PLAIN}\n${source}`;
  const first = from === "code" ? kept[1] : kept[1]?.replaceAll("--&gt;", "-->");
  return `${first}\n${source.slice(kept[0].length)}`;
}

/** A `%%chat` cell as another cell. A comment keeps its options. */
export function asPlain(source: string, to: Origin): string {
  const first = FIRST_LINE.exec(source);
  if (!first) return source;
  const line = first[1]?.trimEnd() ?? PLAIN;
  const body = source.slice(first[0].length);
  if (line === PLAIN) return body;
  if (to === "code") return `# nbstream: ${line}\n${body}`;
  return `<!-- nbstream: ${line.replaceAll("-->", "--&gt;")} -->\n${body}`;
}
