/** How a view asks for a stop and learns what became of it. */

import type { ReadonlySignal } from "@preact/signals";

/** "unheard": neither the kernel nor the server took the request; the reader has to know. */
export type StopState = "idle" | "asked" | "unheard";

export interface StopControl {
  readonly state: ReadonlySignal<StopState>;
  request(): void;
}
