/** Sends kernels the order of the cells of their notebooks, which the turns of a conversation follow. */

import {
  type CellModel,
  type Kernel,
  NotebookActions,
  type NotebookPanel,
  type NotebookTracker,
} from "@jupyterlab/notebook";
import { codeCells } from "../keeping/places";
import { request } from "./comm";
import { followKernel } from "./lifecycle";

const MAGIC = /(?:%|cell_magic\(['"])(?:nb)?chat\b/;

/** Whether a cell may ask, in any form of the magic. Nothing is sent to kernels of notebooks without such a cell. */
export function mayAsk({ sharedModel }: CellModel): boolean {
  return MAGIC.test(sharedModel.getSource());
}

const orders = new WeakMap<NotebookPanel, CellOrder>();

/** Sends the order of the cells of a notebook, unless its kernel has it. */
export function sendCellOrder(panel: NotebookPanel): void {
  const order = orders.get(panel) ?? new CellOrder(panel);
  orders.set(panel, order);
  order.send();
}

/** Keeps the kernels of all notebooks informed. */
export function sendCellOrders(tracker: NotebookTracker): void {
  // The kernel receives the order first: both are sent at once, and the shell channel keeps their order.
  NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
    if (!mayAsk(cell.model)) return;
    const panel = tracker.find(({ content }) => content === notebook);
    if (panel) sendCellOrder(panel);
  });
}

/** The order of the cells of one notebook. */
class CellOrder {
  readonly #panel: NotebookPanel;
  /** What was sent last. */
  #sent: { kernel: Kernel; order: string } | null = null;
  #due = false;

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
    const { cells } = panel.content.model ?? {};
    cells?.changed.connect(() => this.#schedule());
    const unfollow = followKernel(panel.sessionContext, {
      wake: () => {},
      end: () => {
        this.#sent = null;
      },
    });
    panel.disposed.connect(unfollow);
  }

  /** Sends the order, unless the kernel has it. A kernel without nbstream is sent it again when a cell is run. */
  send(): void {
    const kernel = this.#panel.sessionContext.session?.kernel;
    if (!kernel) return;
    const cells = codeCells(this.#panel).map(({ sharedModel }) => sharedModel.getId());
    const sent = { kernel, order: cells.join() };
    if (this.#sent?.kernel === kernel && this.#sent.order === sent.order) return;
    this.#sent = sent;
    request(this.#panel.sessionContext, { name: "order", cells }).catch(() => {
      if (this.#sent === sent) this.#sent = null;
    });
  }

  /** One change of a notebook, such as a paste of several cells, is many events. */
  #schedule(): void {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      if (this.#sent && !this.#panel.isDisposed) this.send();
    });
  }
}
