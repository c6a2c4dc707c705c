/** The names of models and chats that the kernel of a notebook knows. */

import type { SessionContext } from "@jupyterlab/notebook";
import { request } from "../kernel/comm";

export interface Choices {
  readonly models: readonly string[];
  readonly chats: readonly string[];
  /** Why the kernel knows none, in a sentence; empty where it answered. */
  readonly problem: string;
}

export async function choicesOf(context: SessionContext): Promise<Choices> {
  try {
    return { ...(await request(context, { name: "choices" })), problem: "" };
  } catch {
    return { models: [], chats: [], problem: "The kernel lists no names: nbstream is not loaded in it." };
  }
}
