/** Tells the kernel which version of a cell's answer counts (`nbstream/magic/comm.py` is the other side). */

import type { SessionContext } from "@jupyterlab/notebook";

const TARGET = "nbstream";

/** Resolves to whether the kernel took the choice; to false where there is no kernel, or none that knows the cell. */
export async function choose(context: SessionContext, cell: string, version: number): Promise<boolean> {
  const comm = context.session?.kernel?.createComm(TARGET);
  if (!comm) return false;
  const answer = new Promise<boolean>((resolve) => {
    comm.onMsg = ({ content }) => resolve(content.data.ok === true);
    // A kernel without nbstream closes the comm at once.
    comm.onClose = () => resolve(false);
  });
  comm.open({ t: "choose", cell, version });
  return answer;
}
