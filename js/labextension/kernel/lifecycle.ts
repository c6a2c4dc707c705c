/** When a kernel may have brought a widget, and when it has taken its widgets along. */

import type { KernelChange, SessionContext } from "@jupyterlab/notebook";

/** With these the memory of a kernel is gone. */
const ENDS: readonly unknown[] = ["restarting", "autorestarting", "terminating", "dead"];

export interface Dependent {
  /** A kernel is there: called often. */
  wake(): void;
  /** The kernel has ended, or was exchanged. */
  end(): void;
}

/** Calls `dependent` until the returned function is called. */
export function followKernel(context: SessionContext, dependent: Dependent): () => void {
  const onStatus = (_: SessionContext, status: string) =>
    ENDS.includes(status) ? dependent.end() : dependent.wake();
  const onKernel = (_: SessionContext, { oldValue, newValue }: KernelChange) =>
    oldValue && oldValue.id !== newValue?.id ? dependent.end() : dependent.wake();
  context.statusChanged.connect(onStatus);
  context.kernelChanged.connect(onKernel);
  // The widget manager waits for the same, and is to be there first.
  void context.ready.then(() => setTimeout(() => dependent.wake()));
  return () => {
    context.statusChanged.disconnect(onStatus);
    context.kernelChanged.disconnect(onKernel);
  };
}
