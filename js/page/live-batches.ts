/** The batches that this page shows live. No page keeps their outputs: the kernel writes those. */

import { LiveOutputs } from "./live-outputs";

export interface ShownBatch {
  readonly id: string;
  /** Draws it into `el` until the returned function is called. */
  mount(el: HTMLElement): () => void;
  /** Its kernel sends nothing more. */
  lose(): void;
}

export const liveBatches = new LiveOutputs<ShownBatch>("live-batches/1");
