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

/**
 * Puts code into a new notebook cell.
 *
 * @param from an element of the block of code
 * @param language first word of the fence's info string, "" if it has none
 * @returns whether that worked
 */
export type InsertCode = (from: Element, language: string, code: string) => boolean;

/** Data for drawing besides the tokens. */
export interface DrawContext {
  env: Env;
  typeset: Typesetter | undefined;
  /** Without it, blocks of code have no button for it. */
  insert: InsertCode | undefined;
}
