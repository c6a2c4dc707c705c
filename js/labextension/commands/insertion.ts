/** Puts new cells below those of answers. */

import type { NotebookPanel, NotebookTracker } from "@jupyterlab/notebook";
import type { InsertCode } from "../../render";
import { type NewCell, newCell } from "./new-cell";

/** Maps ids of cells to the ids of the cells that were inserted below them. */
const inserted = new Map<string, Set<string>>();

/** Puts blocks of code into cells below their answers. The reader's click is the only caller. */
export function insertCode(tracker: NotebookTracker): InsertCode {
  return (from, language, code) => {
    const panel = tracker.find(({ content }) => content.node.contains(from));
    const index = panel?.content.widgets.findIndex(({ node }) => node.contains(from)) ?? -1;
    if (!panel || index < 0) return false;
    insertBelow(panel, index, [newCell(language, code)]);
    return true;
  };
}

/** Adds cells, below those that were inserted below the same cell before, and makes the last one active. */
export function insertBelow({ content }: NotebookPanel, index: number, cells: readonly NewCell[]): void {
  const { model, widgets } = content;
  const owner = widgets[index]?.model.sharedModel.getId();
  if (!model || !owner) return;
  const own = inserted.get(owner) ?? new Set();
  inserted.set(owner, own);
  const idAt = (at: number) => widgets[at]?.model.sharedModel.getId() ?? "";
  let at = index + 1;
  while (own.has(idAt(at))) at += 1;
  for (const cell of cells) own.add(model.sharedModel.insertCell(at++, { ...cell, metadata: {} }).getId());
  content.deselectAll();
  content.activeCellIndex = at - 1;
  void content.scrollToItem(at - 1);
}
