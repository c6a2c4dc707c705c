import type { Env } from "./markdown";

/**
 * Typesets a closed formula. Called once for each; it may have to be loaded first.
 *
 * @param tex the source without its delimiters
 * @param display whether the formula stands on its own line
 * @returns what to show in place of the source, or null where the source is to stay, as it is no valid TeX
 */
export type Typesetter = (
  tex: string,
  display: boolean,
  document: Document,
) => Element | null | Promise<Element | null>;

/** What drawing needs beyond the tokens. */
export interface DrawContext {
  env: Env;
  typeset: Typesetter | undefined;
}
