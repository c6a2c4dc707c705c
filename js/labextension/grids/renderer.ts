/** Comparisons in outputs, and how they are drawn. */

import type { MimeModel } from "@jupyterlab/rendermime";
import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import { type LiveComparison, liveGrids } from "../../page/live-grids";
import { record } from "../fields";
import type { DrawnKind } from "../live-renderer";
import { comparisonId } from "./kept-grids";
import { type SavedComparison, savedComparison } from "./saved-grid";

function savedIn({ data, metadata }: MimeModel): SavedComparison {
  return savedComparison(data[COMPARISON_MIMETYPE], record(metadata).nbstream);
}

export const drawnComparisons: DrawnKind<LiveComparison> = {
  mimeType: COMPARISON_MIMETYPE,
  lives: liveGrids,
  idOf: comparisonId,
  isEmpty: (model) => savedIn(model).bodies.every(([, text]) => text === ""),
  load: async () => {
    const { mountSaved } = await import("./drawing");
    return (host, model) => mountSaved(host, savedIn(model));
  },
};
