/** Chooses which of the pages that share a document writes in it: two would write an output twice. */

import type { NotebookPanel } from "@jupyterlab/notebook";

const FIELD = "nbstream";

/** Publishes this page's kernel session to the other pages. */
export function announce({ content, sessionContext }: NotebookPanel): void {
  const session = sessionContext.session?.kernel?.clientId ?? null;
  content.model?.sharedModel.awareness?.setLocalStateField(FIELD, session);
}

/** Whether this page writes: the page that ran the cell if it is open, otherwise the oldest page. */
export function isWriter({ content }: NotebookPanel, page: string | null): boolean {
  const awareness = content.model?.sharedModel.awareness;
  if (!awareness) return true;
  const pages = [...awareness.getStates()];
  const runner = pages.find(([, state]) => page !== null && state?.[FIELD] === page);
  const chosen = runner?.[0] ?? Math.min(...pages.map(([id]) => id));
  return pages.length === 0 || chosen === awareness.clientID;
}
