/** Answers in outputs, and how they are kept. */

import { REPLY_MIMETYPE } from "../../core/protocol";
import type { Output } from "../../page/live-outputs";
import { type LiveReply, liveReplies } from "../../page/live-replies";
import { record } from "../fields";
import { pairs, unpackedRun } from "../packing";
import type { Kind } from "./kind";
import { originOf, unfinishedData, unfinishedMetadata } from "./unfinished";

/** A cache by the output's metadata: ids are read every second. */
const ids = new WeakMap<object, unknown>();

/** Id of the reply that an output shows; undefined if there is none. */
export function replyId({ data, metadata }: Output): unknown {
  if (!(REPLY_MIMETYPE in data)) return undefined;
  if (!ids.has(metadata)) {
    const own = record(metadata.nbstream);
    ids.set(metadata, own.id ?? unpackedRun(own.run).id);
  }
  return ids.get(metadata);
}

/** Whether the answer in an output is still streaming, or was when its kernel or page ended. */
export function isUnfinished({ data }: Output): boolean {
  const { status } = record(data[REPLY_MIMETYPE]);
  return status === "submitted" || status === "streaming";
}

export const replyKind: Kind<LiveReply> = {
  lives: liveReplies,
  isPartial: false,
  idOf: replyId,
  /** Other versions of the answer. */
  otherIdsOf({ metadata }) {
    const { versions } = unpackedRun(record(metadata.nbstream).run);
    return pairs(versions).map(([, run]) => record(run).id);
  },
  isUnfinished,
  /** The kernel writes a complete answer once. */
  isCurrent: (_, output) => !isUnfinished(output),
  draft(reply, known) {
    const snapshot = reply.snapshot();
    if (known) {
      return {
        data: unfinishedData(snapshot, reply.inert()),
        metadata: unfinishedMetadata(snapshot, known),
      };
    }
    // Brought back: a complete answer is requested after that.
    return {
      data: unfinishedData({ ...snapshot, status: "streaming" }, reply.inert()),
      metadata: { nbstream: { id: reply.id, ...originOf(snapshot) } },
    };
  },
};
