/** The notebook cell around an output: running it again, and telling its kernel what was chosen in it. */

import type { SessionContextDialogs } from "@jupyterlab/apputils";
import {
  NotebookActions,
  type NotebookCell,
  type NotebookPanel,
  type NotebookTracker,
  type SessionContext,
} from "@jupyterlab/notebook";
import type { MimeContent } from "@jupyterlab/rendermime";
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { choose } from "./choosing";
import { StaleCells } from "./stale";

export interface CellAround {
  /** Whether the notebook has a kernel at present. */
  readonly hasKernel: ReadonlySignal<boolean>;
  /** Runs the cell as Shift+Enter would. */
  run(): void;
  /** Whether an earlier turn of the chat has changed since the cell was answered. */
  readonly stale: ReadonlySignal<boolean>;
  /** Makes a version of the cell's answer the one that counts; null where the kernel does not know it. */
  choose(version: number): Promise<MimeContent | null>;
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
  const { sessionContext } = panel;
  const id = cell.model.sharedModel.getId();
  const stale = staleCells(sessionContext);
  return {
    hasKernel: kernelPresence(sessionContext),
    run: () => run(panel, cell, dialogs),
    stale: computed(() => stale.value.has(id)),
    choose: (version) => choose(sessionContext, id, version),
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

const stales = new WeakMap<SessionContext, StaleCells>();

/** Each answer that is drawn is a reason to ask: the kernel may have loaded nbstream since the last one. */
function staleCells(context: SessionContext): ReadonlySignal<ReadonlySet<string>> {
  const known = stales.get(context) ?? new StaleCells(context);
  stales.set(context, known);
  known.ask();
  return known.cells;
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
