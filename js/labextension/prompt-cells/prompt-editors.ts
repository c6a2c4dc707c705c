/** The editors of a notebook's prompt cells. What they need is loaded when the first prompt cell is in sight. */

import type { CellModel, NotebookPanel } from "@jupyterlab/notebook";
import { NameLookup } from "./name-lookup";

/** The MIME type of a prompt, as IPython's mode of Markdown with code blocks is called. */
export const PROSE = "text/x-ipythongfm";

export class PromptEditors {
  readonly #panel: NotebookPanel;
  #lookup: NameLookup | null = null;

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
  }

  /** Makes the editor of a cell one of prose if it is a prompt, and one of code otherwise. */
  async update(model: CellModel): Promise<void> {
    const cell = this.#panel.content.widgets.find((widget) => widget.model === model);
    if (!cell || (model.mimeType !== PROSE && !this.#lookup)) return;
    await cell.ready;
    const view = cell.editor?.editor;
    if (!view || this.#panel.isDisposed) return;
    const context = this.#panel.sessionContext;
    this.#lookup ??= new NameLookup(context);
    const { setProse } = await import("./editing");
    setProse(view, model.mimeType === PROSE, { context, lookup: this.#lookup });
  }
}
