import type { Env } from "./markdown";

/**
 * Typesets a closed formula. Called once per formula; the typesetter may have to be loaded first.
 *
 * @param tex the source without its delimiters
 * @param display whether it is a displayed formula
 * @returns the element that replaces the source, or null to keep the source because it is not valid TeX
 */
export type Typesetter = (
  tex: string,
  display: boolean,
  document: Document,
) => Element | null | Promise<Element | null>;

/** Data for drawing besides the tokens. */
export interface DrawContext {
  env: Env;
  typeset: Typesetter | undefined;
}
