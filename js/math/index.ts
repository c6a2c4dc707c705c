/**
 * TeX math as MathML. Loaded only where an answer holds a formula: it is as large as all the rest of a view.
 *
 * Temml reads the TeX and makes a tree of it. That tree, and never markup, is turned into nodes (`build.ts`), and
 * what the nodes can be is a closed list (`elements.ts`, `values.ts`): whatever its source says, a formula holds no
 * link, image, id or class of its own, and reaches no further than a few lines.
 */

import temml from "temml";
import { build } from "./build";
import type { MathTree } from "./tree";

/** Longest formula that is typeset, in UTF-16 units. */
const MAX_LENGTH = 8_000;
/** Largest sizes that a formula may ask for: in em, and in pt. */
const MAX_SIZE: [number, number] = [40, 400];
/** How many macros a formula may expand. */
const MAX_EXPANSIONS = 1_000;
/** About how many characters may come of the macros that a formula defines by itself. */
const MAX_EXPANDED = 200_000;
const DEFINITION = /\\(?:[egx]?def|(?:re)?newcommand|providecommand|(?:future)?let)(?![a-z])/i;

/**
 * Typesets one formula. Nothing carries over from one to the next: each has macros of its own.
 *
 * @param tex TeX source without its delimiters
 * @param display whether the formula stands on its own line
 * @returns a `math` element, or null where the source is not valid TeX or asks for more than a formula may
 */
export function typeset(tex: string, display: boolean, document: Document): Element | null {
  if (tex.length > MAX_LENGTH) return null;
  try {
    return build(read(tex, display), document);
  } catch {
    // Temml meets wrong sources with errors of many kinds, and deep nesting with a stack overflow.
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
