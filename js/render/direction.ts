import type { Attributes } from "./cursor";
import type { Token } from "./markdown";

const AUTO: Attributes = { dir: "auto" };
const NONE: Attributes = {};

/**
 * The direction of a block is that of its first letter, so an answer in Arabic or Hebrew is aligned right.
 *
 * Only top-level blocks set it: a list or a table searches all its content for that letter, except elements
 * with their own direction. Nested blocks follow the stylesheet (`unicode-bidi: plaintext`).
 */
export function directionOf(opening: Token): Attributes {
  return opening.level === 0 ? AUTO : NONE;
}
