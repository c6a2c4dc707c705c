/** Batches in outputs, and how they are kept. */

import { BATCH_MIMETYPE } from "../../core/batch-protocol";
import { type LiveTable, liveBatches } from "../../page/live-batches";
import type { Output } from "../../page/live-outputs";
import { number, record } from "../fields";
import type { Kind } from "../keeping/kind";

/** Id of the batch that an output shows; undefined if there is none. */
export function batchId({ data, metadata }: Output): unknown {
  return BATCH_MIMETYPE in data ? record(metadata.nbstream).id : undefined;
}

function isUnfinished({ data }: Output): boolean {
  return record(data[BATCH_MIMETYPE]).unfinished === true;
}

export const batchKind: Kind<LiveTable> = {
  lives: liveBatches,
  /** The kernel writes the text of the output. */
  isPartial: true,
  idOf: batchId,
  otherIdsOf: () => [],
  isUnfinished,
  /** The kernel writes it again after a retry. */
  isCurrent: ({ written }, output) =>
    !isUnfinished(output) && (number(record(output.metadata.nbstream).written) ?? 0) >= written,
  draft: ({ id }, known) => known ?? newOutput(id),
};

const TEXT = "The batch runs. If nothing follows, run the cell again: it sends only what the store lacks.";

/** Of a batch whose notebook lost its output in a reload, until the kernel sends it. */
function newOutput(id: string): Output {
  return {
    data: {
      [BATCH_MIMETYPE]: { v: 1, unfinished: true },
      "text/markdown": TEXT,
      "text/plain": TEXT,
    },
    metadata: { nbstream: { id } },
  };
}
