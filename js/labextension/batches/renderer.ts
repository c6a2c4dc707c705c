/** Batches in outputs, and how they are drawn. */

import { BATCH_MIMETYPE } from "../../core/batch-protocol";
import { type LiveTable, liveBatches } from "../../page/live-batches";
import type { DrawnKind } from "../live-renderer";
import { multiline } from "../text-lines";
import { batchId } from "./kept-batches";

export const drawnBatches: DrawnKind<LiveTable> = {
  mimeType: BATCH_MIMETYPE,
  lives: liveBatches,
  idOf: batchId,
  isEmpty: () => true,
  load: async () => {
    const { mountText } = await import("../MarkdownText");
    return (host, { data }) => mountText(host, multiline(data["text/markdown"]));
  },
};
