/** The replies that stream into this page. */

import type { Snapshot } from "../core/protocol";
import { type LiveOutput, LiveOutputs } from "./live-outputs";

/** Inert Markdown of the first lines of an answer, made in Python. */
export interface Inert {
  lines: readonly string[];
  /** How many lines of the answer it covers. */
  covers: number;
}

export interface LiveReply extends LiveOutput {
  /** The current answer. */
  snapshot(): Snapshot;
  /** What Python sends of it once the page writes the output. */
  inert(): Inert;
  /** Draws it into `el` until the returned function is called. */
  show(el: HTMLElement): () => void;
}

export const liveReplies = new LiveOutputs<LiveReply>("live-replies/2");
