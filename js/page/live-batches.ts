/** The batches that this page shows live, also after their end: their rows can be read, and failed ones sent again. */

import { type LiveOutput, LiveOutputs } from "./live-outputs";

export interface LiveTable extends LiveOutput {
  /** How often its kernel has written the output of the ended batch. */
  readonly written: number;
  /** Draws it into `el` until the returned function is called. */
  mount(el: HTMLElement): () => void;
}

export const liveBatches = new LiveOutputs<LiveTable>("live-batches/2");
