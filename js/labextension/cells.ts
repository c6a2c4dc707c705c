/** The notebook cell around an output: running it again, and telling its kernel what was chosen in it. */

import type { SessionContextDialogs } from "@jupyterlab/apputils";
import {
  NotebookActions,
  type NotebookCell,
  type NotebookPanel,
  type NotebookTracker,
  type SessionContext,
} from "@jupyterlab/notebook";
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { order } from "./orders";

const NOT_KNOWN =
  "The kernel does not know this answer any more: it was restarted. Run the cell to ask anew; until then it stays here.";

export interface CellAround {
  /** Whether the notebook has a kernel at present. */
  readonly hasKernel: ReadonlySignal<boolean>;
  /** Runs the cell as Shift+Enter would. */
  run(): Promise<boolean>;
  /** Runs the cell so that its answer goes on; resolves to why it could not, or to "". */
  continueReply(reply: string): Promise<string>;
  /** Makes a version of the cell's answer the one that counts; false where the kernel does not know it. */
  choose(version: number): Promise<boolean>;
}

/** Finds the cell around an element; null where there is none, as in a view of an output by itself. */
export type FindCell = (element: HTMLElement) => CellAround | null;

export function cellsOf(tracker: NotebookTracker, dialogs: SessionContextDialogs | null): FindCell {
  return (element) => {
    const holds = (cell: NotebookCell) => cell.node.contains(element);
    const panel = tracker.find(({ content }) => content.widgets.some(holds));
    const cell = panel?.content.widgets.find(holds);
    return panel && cell ? cellAround(panel, cell, dialogs) : null;
  };
}

function cellAround(
  panel: NotebookPanel,
  cell: NotebookCell,
  dialogs: SessionContextDialogs | null,
): CellAround {
  return {
    hasKernel: kernelPresence(panel.sessionContext),
    run: () => run(panel, cell, dialogs),
    continueReply: (reply) => continueReply(panel, cell, dialogs, reply),
    choose: async (version) => {
      const { ok } = await order(panel.sessionContext, { t: "choose", cell: idOf(cell), version });
      return ok;
    },
  };
}

function idOf(cell: NotebookCell): string {
  return cell.model.sharedModel.getId();
}

async function continueReply(
  panel: NotebookPanel,
  cell: NotebookCell,
  dialogs: SessionContextDialogs | null,
  reply: string,
): Promise<string> {
  const answer = await order(panel.sessionContext, { t: "continue", cell: idOf(cell), reply });
  if (!answer.ok) return answer.message || NOT_KNOWN;
  await run(panel, cell, dialogs);
  answer.withdraw();
  return "";
}

/** Without a kernel nothing is run: JupyterLab would clear the output. */
async function run(
  panel: NotebookPanel,
  cell: NotebookCell,
  dialogs: SessionContextDialogs | null,
): Promise<boolean> {
  const { content: notebook, sessionContext } = panel;
  if (!sessionContext.session?.kernel) return false;
  notebook.deselectAll();
  notebook.activeCellIndex = notebook.widgets.indexOf(cell);
  return NotebookActions.run(notebook, sessionContext, dialogs ?? undefined);
}

const presences = new WeakMap<SessionContext, ReadonlySignal<boolean>>();

function kernelPresence(context: SessionContext): ReadonlySignal<boolean> {
  const known = presences.get(context);
  if (known) return known;
  const present = signal(context.session?.kernel != null);
  context.kernelChanged.connect(() => {
    present.value = context.session?.kernel != null;
  });
  presences.set(context, present);
  return present;
}
