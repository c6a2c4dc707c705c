/** The comparisons that this page shows live, also after their end: they can be rated, and requested again. */

import type { Body, GridSnapshot } from "../core/grid-protocol";
import { type LiveOutput, LiveOutputs } from "./live-outputs";

export interface LiveComparison extends LiveOutput {
  /** How often its kernel has written the output of the ended comparison. */
  readonly written: number;
  /** Whether its kernel has ended. */
  readonly isLost: boolean;
  /** Everything but the texts. */
  snapshot(): GridSnapshot;
  /** The texts that the page has: those of the cells in sight, as far as they were received. */
  bodies(): Body[];
  /** Draws it into `el` until the returned function is called. */
  mount(el: HTMLElement): () => void;
}

export const liveGrids = new LiveOutputs<LiveComparison>("live-grids/2");
