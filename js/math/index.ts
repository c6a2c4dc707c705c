/**
 * TeX math as MathML. Loaded only if an answer contains a formula: it is as large as the rest of a view.
 *
 * Temml parses the TeX into a tree. That tree, never markup, becomes nodes (`build.ts`) from closed lists
 * (`elements.ts`, `values.ts`): a formula cannot contain links, images, ids or other classes, and its size is
 * limited.
 */

import temml from "temml";
import { build } from "./build";
import type { MathTree } from "./tree";

/** Maximum length of a formula, in UTF-16 units. */
const MAX_LENGTH = 8_000;
/** Maximum sizes in a formula, in em and in pt. */
const MAX_SIZE: [number, number] = [40, 400];
/** Maximum number of macro expansions. */
const MAX_EXPANSIONS = 1_000;
/** Approximate maximum of characters from macros that a formula defines. */
const MAX_EXPANDED = 200_000;
const DEFINITION = /\\(?:[egx]?def|(?:re)?newcommand|providecommand|(?:future)?let)(?![a-z])/i;

/**
 * Typesets one formula. Formulas share no macros.
 *
 * @param tex TeX source without its delimiters
 * @param display whether it is a displayed formula
 * @returns a `math` element, or null if the source is not valid TeX or exceeds a limit
 */
export function typeset(tex: string, display: boolean, document: Document): Element | null {
  if (tex.length > MAX_LENGTH) return null;
  try {
    return build(read(tex, display), document);
  } catch {
    // Temml throws errors of many kinds, and overflows the stack for deep nesting.
    return null;
  }
}

function read(tex: string, displayMode: boolean): MathTree {
  return temml.__renderToMathMLTree(tex, {
    displayMode,
    throwOnError: true,
    trust: false,
    maxSize: MAX_SIZE,
    maxExpand: DEFINITION.test(tex) ? Math.min(MAX_EXPANSIONS, MAX_EXPANDED / tex.length) : MAX_EXPANSIONS,
  });
}
