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
import { choose } from "./choosing";
import { inspect } from "./inspecting";

export interface CellAround {
  /** Whether the notebook has a kernel at present. */
  readonly hasKernel: ReadonlySignal<boolean>;
  /** Runs the cell as Shift+Enter would. */
  run(): void;
  /** Makes a version of the cell's answer the one that counts; false where the kernel does not know it. */
  choose(version: number): Promise<boolean>;
  /** A page of the events of a reply, from that row on. */
  inspect(reply: string, from: number): Promise<unknown>;
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
    choose: (version) => choose(panel.sessionContext, cell.model.sharedModel.getId(), version),
    inspect: (reply, from) => inspect(panel.sessionContext, reply, from),
  };
}

/** Without a kernel nothing is run: JupyterLab would clear the output. */
function run(panel: NotebookPanel, cell: NotebookCell, dialogs: SessionContextDialogs | null): void {
  const { content: notebook, sessionContext } = panel;
  if (!sessionContext.session?.kernel) return;
  notebook.deselectAll();
  notebook.activeCellIndex = notebook.widgets.indexOf(cell);
  void NotebookActions.run(notebook, sessionContext, dialogs ?? undefined);
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
