/** Comparisons in outputs, and how they are kept. */

import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import { type LiveComparison, liveGrids } from "../../page/live-grids";
import type { Output } from "../../page/live-outputs";
import { number, record } from "../fields";
import type { Kind } from "../keeping/kind";
import { unfinishedGrid } from "./unfinished-grid";

/** Id of the comparison that an output shows; undefined if there is none. */
export function comparisonId({ data, metadata }: Output): unknown {
  return COMPARISON_MIMETYPE in data ? record(metadata.nbstream).id : undefined;
}

function isUnfinished({ data }: Output): boolean {
  return record(data[COMPARISON_MIMETYPE]).unfinished !== undefined;
}

export const comparisonKind: Kind<LiveComparison> = {
  lives: liveGrids,
  /** Texts out of sight are in the kernel only. */
  isPartial: true,
  idOf: comparisonId,
  otherIdsOf: () => [],
  isUnfinished,
  /** The kernel writes it again after a rating, for example. */
  isCurrent: ({ written }, output) =>
    !isUnfinished(output) && (number(record(output.metadata.nbstream).written) ?? 0) >= written,
  draft: unfinishedGrid,
};
