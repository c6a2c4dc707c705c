/**
 * One kind of output that this page keeps up to date while the kernel changes it. A new kind is an object of this
 * type in the list of `kinds.ts`; `nbstream/views/kept_widget.py` says what its widget needs.
 */

import type { LiveOutput, LiveOutputs, Output } from "../../page/live-outputs";

export interface Kind<Live extends LiveOutput = LiveOutput> {
  /** Those of this page. */
  readonly lives: LiveOutputs<Live>;
  /**
   * Whether the page has only a part of what it shows. Then it requests the output from the kernel at growing
   * intervals also before the end, and adds what it has received since.
   */
  readonly isPartial: boolean;
  /** Id of what an output shows; undefined if it is of another kind. Called often. */
  idOf(output: Output): unknown;
  /** Ids of what an output has besides, for example earlier versions. */
  otherIdsOf(output: Output): unknown[];
  /** Whether an output was saved before it was complete. */
  isUnfinished(output: Output): boolean;
  /** Whether an output in a notebook is the one that the kernel has written last. */
  isCurrent(live: Live, output: Output): boolean;
  /**
   * What the page saves of it before its end.
   *
   * @param known the output that it replaces, or for a partial kind the last one from the kernel; null if there is none
   */
  draft(live: Live, known: Output | null): Output;
}
