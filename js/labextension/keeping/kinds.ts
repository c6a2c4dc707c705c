/** The kinds of outputs that are kept. */

import type { Output } from "../../page/live-outputs";
import { batchKind } from "../batches/kept-batches";
import { comparisonKind } from "../grids/kept-grids";
import type { Kind } from "./kind";
import { replyKind } from "./replies";

export const KINDS: readonly Kind[] = [replyKind, comparisonKind, batchKind];

/** Id of what an output shows; undefined if it is of no kind. */
export function shownId(output: Output): unknown {
  return KINDS.map((kind) => kind.idOf(output)).find((id) => id !== undefined);
}

/** All ids of an output. */
export function idsIn(output: Output): unknown[] {
  return KINDS.flatMap((kind) => [kind.idOf(output), ...kind.otherIdsOf(output)]);
}
