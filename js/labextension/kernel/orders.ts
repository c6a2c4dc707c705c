/** Orders to the kernel from the view of a saved answer (`nbstream/magic/comm.py` is the other side). */

import type { SessionContext } from "@jupyterlab/notebook";
import type { MimeContent } from "@jupyterlab/rendermime";

export const TARGET = "nbstream";

export type Order =
  /** The version counts from now on. */
  | { t: "choose"; cell: string; version: number }
  /** Nothing changes: the output that shows the answer now is wanted. */
  | { t: "output"; cell: string; reply: string }
  /** The next run of the cell continues the answer, as long as the order is not withdrawn. */
  | { t: "continue"; cell: string; reply: string };

export interface Answered {
  /** Whether the kernel took the order; false where there is no kernel, or none that knows the answer. */
  ok: boolean;
  /** Why it did not, where it says so; or "". */
  message: string;
  /** What the cell shows from now on, where a version was chosen or the output was wanted. */
  output: MimeContent | null;
  /** Ends the order. */
  withdraw(): void;
}

export async function order(context: SessionContext, data: Order): Promise<Answered> {
  const comm = context.session?.kernel?.createComm(TARGET);
  if (!comm) return { ok: false, message: "", output: null, withdraw: () => {} };
  const answer = new Promise<Answered>((resolve) => {
    const withdraw = () => void comm.close();
    comm.onMsg = ({ content: { data } }) => {
      const output = { data: data.data, metadata: data.metadata } as MimeContent;
      resolve({ ok: data.ok === true, message: String(data.message ?? ""), output, withdraw });
    };
    // A kernel without nbstream closes the comm at once.
    comm.onClose = () => resolve({ ok: false, message: "", output: null, withdraw });
  });
  comm.open(data);
  return answer;
}
