import type { Attributes } from "./cursor";
import type { Token } from "./markdown";

const AUTO: Attributes = { dir: "auto" };
const NONE: Attributes = {};

/**
 * The direction of a block is that of its first letter: so an answer in Arabic or Hebrew stands on the right.
 *
 * Only blocks that stand in no other ask for it, as a list or a table looks for that letter everywhere but in
 * elements with a direction of their own. What they hold follows the stylesheet (`unicode-bidi: plaintext`).
 */
export function directionOf(opening: Token): Attributes {
  return opening.level === 0 ? AUTO : NONE;
}
