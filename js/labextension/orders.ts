/** Orders to the kernel from the view of a saved answer (`nbstream/magic/comm.py` is the other side). */

import type { SessionContext } from "@jupyterlab/notebook";

const TARGET = "nbstream";

export type Order =
  /** The version counts from now on. */
  | { t: "choose"; cell: string; version: number }
  /** The next run of the cell continues the answer, as long as the order is not withdrawn. */
  | { t: "continue"; cell: string; reply: string };

export interface Answered {
  /** Whether the kernel took the order; false where there is no kernel, or none that knows the answer. */
  ok: boolean;
  /** Why it did not, where it says so; or "". */
  message: string;
  /** Ends the order. */
  withdraw(): void;
}

export async function order(context: SessionContext, data: Order): Promise<Answered> {
  const comm = context.session?.kernel?.createComm(TARGET);
  if (!comm) return { ok: false, message: "", withdraw: () => {} };
  const answer = new Promise<Answered>((resolve) => {
    const answered = (ok: boolean, message: string) =>
      resolve({ ok, message, withdraw: () => void comm.close() });
    comm.onMsg = ({ content: { data } }) => answered(data.ok === true, String(data.message ?? ""));
    // A kernel without nbstream closes the comm at once.
    comm.onClose = () => answered(false, "");
  });
  comm.open(data);
  return answer;
}
