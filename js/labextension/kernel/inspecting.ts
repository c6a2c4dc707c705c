/** Asks the kernel for the events of a reply (`nbstream/inspection/comm.py` is the other side). */

import type { SessionContext } from "@jupyterlab/notebook";

const TARGET = "nbstream.inspect";

/** Resolves to a page of rows, or to `{unknown: true}` where the kernel has no such reply, or there is no kernel. */
export async function inspect(context: SessionContext, reply: string, from: number): Promise<unknown> {
  const comm = context.session?.kernel?.createComm(TARGET);
  if (!comm) return { unknown: true };
  const answer = new Promise<unknown>((resolve) => {
    comm.onMsg = ({ content }) => resolve(content.data);
    // A kernel without nbstream closes the comm at once.
    comm.onClose = () => resolve({ unknown: true });
  });
  comm.open({ reply, from });
  return answer;
}
