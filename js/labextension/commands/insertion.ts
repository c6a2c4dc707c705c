/** Puts new cells into notebooks. */

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

/** Adds cells, below those that were inserted below the same cell before. */
export function insertBelow(panel: NotebookPanel, index: number, cells: readonly NewCell[]): void {
  const { widgets } = panel.content;
  const idAt = (at: number) => widgets[at]?.model.sharedModel.getId() ?? "";
  const own = inserted.get(idAt(index)) ?? new Set();
  inserted.set(idAt(index), own);
  let at = index + 1;
  while (own.has(idAt(at))) at += 1;
  for (const id of insertAt(panel, at, cells)) own.add(id);
}

/** Adds cells at an index and makes the last one active; returns their ids. */
export function insertAt({ content }: NotebookPanel, index: number, cells: readonly NewCell[]): string[] {
  const shared = content.model?.sharedModel;
  if (!shared || cells.length === 0) return [];
  const ids = cells.map((cell, at) => shared.insertCell(index + at, { ...cell, metadata: {} }).getId());
  content.deselectAll();
  content.activeCellIndex = index + cells.length - 1;
  void content.scrollToItem(content.activeCellIndex);
  return ids;
}

/** Adds a code cell, and puts the cursor at its end. */
export async function insertAndEdit(panel: NotebookPanel, index: number, source: string): Promise<void> {
  insertAt(panel, index, [{ cell_type: "code", source }]);
  const { content } = panel;
  const cell = content.activeCell;
  await cell?.ready;
  if (!cell || cell !== content.activeCell) return;
  content.mode = "edit";
  const lines = source.split("\n");
  cell.editor?.setCursorPosition({ line: lines.length - 1, column: lines.at(-1)?.length ?? 0 });
}
