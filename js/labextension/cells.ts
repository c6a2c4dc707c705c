/** The notebook cell around an output: runs it again, and sends choices made in it to its kernel. */

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
import { Refused } from "../kernel/requests";
import { answersIn } from "./keeping/places";
import { StaleOutputs } from "./keeping/stale-outputs";
import { commTo, request } from "./kernel/comm";
import { isOfMagic, KernelWatch } from "./kernel/watch";

const NOT_KNOWN =
  "The kernel was restarted and no longer has this answer. Run the cell to ask again; this text stays until then.";

export interface CellAround {
  /** Whether the notebook has a kernel at present. */
  readonly hasKernel: ReadonlySignal<boolean>;
  /** Runs the cell as Shift+Enter would. */
  run(): Promise<boolean>;
  /** Whether an earlier turn of the chat has changed since the cell was answered. */
  readonly stale: ReadonlySignal<boolean>;
  /**
   * Whether a reply is known to be from an earlier kernel: the conversation in this kernel does not contain
   * it.
   */
  isEarlier(reply: string): boolean;
  /** Runs the cell to continue its answer; resolves to why that failed, or to "". */
  continueReply(reply: string): Promise<string>;
  /** Makes a version of the cell's answer the current one; null if the kernel does not know it. */
  choose(version: number): Promise<MimeContent | null>;
  /** Rates a reply; resolves to the output that shows it, and rejects if the kernel does not accept the rating. */
  rate(reply: string, score: 1 | 0 | -1, note: string): Promise<MimeContent>;
  /** A page of the events of a reply, starting at a row; rejects if the kernel does not have it. */
  inspect(reply: string, from: number): Promise<unknown>;
}

/** Finds the cell around an element; null if there is none, as in a separate view of an output. */
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
  const watch = watchOf(panel);
  return {
    hasKernel: kernelPresence(sessionContext),
    run: () => run(panel, cell, dialogs),
    stale: computed(() => watch.stale.value?.has(id) ?? false),
    isEarlier: (reply) => watch.isEarlier(id, reply, isOfMagic(cell.model.sharedModel.getSource())),
    continueReply: (reply) => continueReply(panel, cell, dialogs, reply),
    choose: (version) => request(sessionContext, { name: "choose", cell: id, version }).catch(() => null),
    rate: (reply, score, note) => request(sessionContext, { name: "rate", cell: id, reply, score, note }),
    inspect: (reply, from) => request(sessionContext, { name: "inspect", reply, from }),
  };
}

async function continueReply(
  panel: NotebookPanel,
  cell: NotebookCell,
  dialogs: SessionContextDialogs | null,
  reply: string,
): Promise<string> {
  try {
    const comm = commTo(panel.sessionContext);
    await comm.request({ name: "continue", cell: cell.model.sharedModel.getId(), reply });
    await run(panel, cell, dialogs);
    comm.close();
    return "";
  } catch (error) {
    return error instanceof Refused ? error.message : NOT_KNOWN;
  }
}

/** Without a kernel the cell is not run: JupyterLab would only clear the output. */
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

const watches = new WeakMap<NotebookPanel, { kernel: KernelWatch; outputs: StaleOutputs }>();

/**
 * Done for each drawn answer: the kernel may have loaded nbstream since the last one, and the answer may have
 * become stale while it streamed.
 */
export function watchOf(panel: NotebookPanel): KernelWatch {
  const watch = watches.get(panel) ?? newWatch(panel);
  watches.set(panel, watch);
  watch.kernel.ask();
  watch.outputs.update();
  return watch.kernel;
}

function newWatch(panel: NotebookPanel) {
  const kernel = new KernelWatch(panel.sessionContext, () => answersIn(panel));
  return { kernel, outputs: new StaleOutputs(panel, kernel.stale) };
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
