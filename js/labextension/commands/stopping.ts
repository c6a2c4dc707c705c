/** Stops all that streams in a notebook. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { LiveOutput } from "../../page/live-outputs";
import { busyChats } from "../chats/busy-chats";
import { KINDS } from "../keeping/kinds";
import { request } from "../kernel/comm";

/** How long the kernel has to acknowledge, in ms. */
const PATIENCE = 600;

/** How many answers, comparisons and batches stream into a notebook. */
export function runningIn(panel: NotebookPanel): number {
  return outputsIn(panel).length + busyChats.countIn(panel);
}

function outputsIn({ content }: NotebookPanel): LiveOutput[] {
  const running = KINDS.flatMap(({ lives }) => lives.all()).filter(({ isOver }) => !isOver);
  if (running.length === 0) return [];
  const cells = new Set(content.widgets.map(({ model }) => model.sharedModel.getId()));
  return running.filter(({ place }) => place.cell !== null && cells.has(place.cell));
}

/** A kernel that does not respond while a cell runs is interrupted, as the notebook's ■ button does. */
export async function stopAll(panel: NotebookPanel): Promise<void> {
  const heard = request(panel.sessionContext, { name: "stop" }).then(
    () => true,
    () => true,
  );
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE));
  if ((await Promise.race([heard, late])) || runningIn(panel) === 0) return;
  await panel.sessionContext.session?.kernel?.interrupt();
}
