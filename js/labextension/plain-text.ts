/** What a reader sees of Markdown, roughly: for the search in a page, until the Markdown is drawn. */

import { asSeen } from "./text-lines";

const CODE = /(^```[\s\S]*?^```|`[^`\n]+`)/m;
const LINK = /!?\[([^\]\n]*)\]\([^)\n]*\)/g;
const EMPHASIS = /\*+(?=\S)|(?<=\S)\*+/g;

/** The text of inert Markdown without the marks of links and emphasis, which would divide what is searched. */
export function plainText(markdown: string): string {
  const text = markdown.split("\n").map(asSeen).join("\n");
  return text
    .split(CODE)
    .map((part, index) =>
      index % 2 ? part.replaceAll("`", "") : part.replace(LINK, "$1").replace(EMPHASIS, ""),
    )
    .join("");
}
