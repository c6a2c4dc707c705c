/** Turns cells into `%%chat` cells and back. */

import type { NotebookCell, NotebookPanel } from "@jupyterlab/notebook";
import { asPlain, asPrompt, isPromptSource, type Origin } from "./source";

/** Metadata of a `%%chat` cell that was a code cell, so that it becomes one again. */
const ORIGIN = "nbstream_origin";

/**
 * Turns the active cell into a `%%chat` cell, or a `%%chat` cell into what it was: a code cell, or Markdown. Returns why
 * it cannot, in a sentence for the reader.
 */
export function turn(panel: NotebookPanel): string | null {
  const cell = panel.content.activeCell;
  if (!cell) return null;
  const { model } = cell;
  if (model.getMetadata("editable") === false) return "The cell is read-only.";
  const source = model.sharedModel.getSource();
  if (model.type === "markdown") return markdownToPrompt(panel, cell, source);
  if (model.type !== "code") return "A raw cell cannot become a %%chat cell. Change its type first.";
  if (!isPromptSource(source)) write(cell, asPrompt(source, "code"), "code");
  else if (model.getMetadata(ORIGIN) === "code") write(cell, asPlain(source, "code"), undefined);
  else return promptToMarkdown(panel, cell, source);
  return null;
}

function markdownToPrompt(panel: NotebookPanel, cell: NotebookCell, source: string): string | null {
  const { attachments } = cell.model.sharedModel.toJSON();
  if (attachments && Object.keys(attachments).length > 0)
    return "A %%chat cell cannot hold the images that are attached to this cell. Use --image instead.";
  return replace(panel, cell, "code", asPrompt(source, "markdown"));
}

function promptToMarkdown(panel: NotebookPanel, cell: NotebookCell, source: string): string | null {
  const { outputs } = cell.model.sharedModel.toJSON();
  if (outputs && outputs.length > 0) return "A Markdown cell cannot hold the answer. Clear the output first.";
  return replace(panel, cell, "markdown", asPlain(source, "markdown"));
}

/** Writes source and metadata in one step of the cell's history; outputs stay. */
function write({ model }: NotebookCell, source: string, origin: Origin | undefined): void {
  const { sharedModel } = model;
  sharedModel.transact(() => {
    sharedModel.setSource(source);
    if (origin) sharedModel.setMetadata(ORIGIN, origin);
    else sharedModel.deleteMetadata(ORIGIN);
  });
}

/** Puts a cell of another type into the place of a cell, in one step of the notebook's history. */
function replace(
  { content }: NotebookPanel,
  cell: NotebookCell,
  type: Origin,
  source: string,
): string | null {
  const shared = content.model?.sharedModel;
  const index = content.widgets.indexOf(cell);
  if (!shared || index < 0) return null;
  if (cell.model.getMetadata("deletable") === false) return "The cell cannot be replaced: it is protected.";
  const { metadata } = cell.model.sharedModel.toJSON();
  shared.transact(() => {
    shared.deleteCell(index);
    shared.insertCell(index, { cell_type: type, source, metadata });
  });
  content.deselectAll();
  content.activeCellIndex = index;
  return null;
}
