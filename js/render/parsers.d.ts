/** Only the parsers; `parsers.mjs` extracts them from the package. */
declare module "markdown-it/parsers" {
  import type { MarkdownIt } from "markdown-it";

  export const ParserBlock: new () => MarkdownIt["block"];
  export const ParserInline: new () => MarkdownIt["inline"];
  export const helpers: MarkdownIt["helpers"];
  export const unescapeAll: MarkdownIt["utils"]["unescapeAll"];
}
