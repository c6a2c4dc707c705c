/** Comparisons in outputs, and how they are drawn. */

import type { MimeModel } from "@jupyterlab/rendermime";
import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import { type LiveComparison, liveGrids } from "../../page/live-grids";
import { record } from "../fields";
import type { DrawnKind } from "../live-renderer";
import { isNewer, NEWER } from "../newer";
import { multiline } from "../text-lines";
import { comparisonId } from "./kept-grids";
import { type SavedComparison, savedComparison } from "./saved-grid";

/** The newest format of a saved comparison that can be read. */
const VERSION = 1;

function savedIn({ data, metadata }: MimeModel): SavedComparison {
  return savedComparison(data[COMPARISON_MIMETYPE], record(metadata).nbstream);
}

export const drawnComparisons: DrawnKind<LiveComparison> = {
  mimeType: COMPARISON_MIMETYPE,
  lives: liveGrids,
  idOf: comparisonId,
  isEmpty: (model) => savedIn(model).bodies.every(([, text]) => text === ""),
  load: async () => {
    const [{ mountSaved }, { mountText }] = await Promise.all([
      import("./drawing"),
      import("../MarkdownText"),
    ]);
    return (host, model) =>
      isNewer(model.data[COMPARISON_MIMETYPE], VERSION)
        ? mountText(host, multiline(model.data["text/markdown"]), NEWER)
        : mountSaved(host, savedIn(model));
  },
};
