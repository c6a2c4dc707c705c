/** Which of the pages that share a document writes in it: two that wrote the same output would double it. */

import type { NotebookPanel } from "@jupyterlab/notebook";

const FIELD = "nbstream";

/** Tells the other pages which session of the kernel is this page's. */
export function announce({ content, sessionContext }: NotebookPanel): void {
  const session = sessionContext.session?.kernel?.clientId ?? null;
  content.model?.sharedModel.awareness?.setLocalStateField(FIELD, session);
}

/** Whether this page writes: that which ran the cell, as long as it is there, and else the one that came first. */
export function isWriter({ content }: NotebookPanel, page: string | null): boolean {
  const awareness = content.model?.sharedModel.awareness;
  if (!awareness) return true;
  const pages = [...awareness.getStates()];
  const runner = pages.find(([, state]) => page !== null && state?.[FIELD] === page);
  const chosen = runner?.[0] ?? Math.min(...pages.map(([id]) => id));
  return pages.length === 0 || chosen === awareness.clientID;
}
