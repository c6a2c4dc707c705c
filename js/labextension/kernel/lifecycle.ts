/** When a kernel may have added a widget, and when its widgets are gone. */

import type { KernelChange, SessionContext } from "@jupyterlab/notebook";

/** States in which a kernel has lost its memory. */
const ENDS: readonly unknown[] = ["restarting", "autorestarting", "terminating", "dead"];

export interface Dependent {
  /** A kernel is available: called often. */
  wake(): void;
  /** The kernel has ended or was replaced. */
  end(): void;
}

/** Notifies `dependent` until the returned function is called. */
export function followKernel(context: SessionContext, dependent: Dependent): () => void {
  const onStatus = (_: SessionContext, status: string) =>
    ENDS.includes(status) ? dependent.end() : dependent.wake();
  const onKernel = (_: SessionContext, { oldValue, newValue }: KernelChange) =>
    oldValue && oldValue.id !== newValue?.id ? dependent.end() : dependent.wake();
  context.statusChanged.connect(onStatus);
  context.kernelChanged.connect(onKernel);
  // The widget manager waits for the same event and must handle it first.
  void context.ready.then(() => setTimeout(() => dependent.wake()));
  return () => {
    context.statusChanged.disconnect(onStatus);
    context.kernelChanged.disconnect(onKernel);
  };
}
