/** Tells the kernel which version of a cell's answer counts (`nbstream/magic/comm.py` is the other side). */

import type { SessionContext } from "@jupyterlab/notebook";
import type { MimeContent } from "@jupyterlab/rendermime";

export const TARGET = "nbstream";

/**
 * Resolves to the output that shows the chosen version from now on; to null where there is no kernel, or none
 * that knows the cell and the version.
 */
export async function choose(
  context: SessionContext,
  cell: string,
  version: number,
): Promise<MimeContent | null> {
  const comm = context.session?.kernel?.createComm(TARGET);
  if (!comm) return null;
  const answer = new Promise<MimeContent | null>((resolve) => {
    comm.onMsg = ({ content: { data } }) => {
      resolve(data.ok === true ? output(data) : null);
    };
    // A kernel without nbstream closes the comm at once.
    comm.onClose = () => resolve(null);
  });
  comm.open({ t: "choose", cell, version });
  return answer;
}

function output({ data, metadata }: Readonly<Record<string, unknown>>): MimeContent {
  return { data, metadata } as MimeContent;
}
