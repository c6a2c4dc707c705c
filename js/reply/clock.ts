/** Time that passes on the screen: elapsed seconds and countdowns. */

import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import type { ReplyStore } from "../core/store";

/** Interval of the clock, in ms: a shown second is late by at most this. */
const TICK = 250;

/** Seconds since the store received its `meta`; while `running` the component is drawn again as it grows. */
export function useMetaAge(store: ReplyStore, running: boolean): number {
  const ticks = useSignal(0);
  useLayoutEffect(() => {
    if (!running) return;
    const timer = setInterval(() => {
      ticks.value += 1;
    }, TICK);
    return () => clearInterval(timer);
  }, [running, ticks]);
  // Read for the subscription alone: the age itself must be fresh also when `meta` has just changed.
  void ticks.value;
  return store.metaAge() / 1000;
}
