/** Where answers and other kept outputs are in the open notebooks. */

import type {
  CodeCellModel,
  NewOutput,
  NotebookPanel,
  NotebookTracker,
  OutputItem,
} from "@jupyterlab/notebook";
import { JSONExt } from "@lumino/coreutils";
import type { Output } from "../../page/live-outputs";
import { idsIn, shownId } from "./kinds";
import { replyId } from "./replies";

/** An output that is kept. */
export interface OutputPlace {
  readonly panel: NotebookPanel;
  readonly cell: CodeCellModel;
  readonly index: number;
}

/** Whether an output of a cell shows something, or has it among the other versions of its answer. */
export function holds(cell: CodeCellModel, id: string): boolean {
  return outputsOf(cell).some((output) => idsIn(output).includes(id));
}

export function panelsOf(tracker: NotebookTracker): NotebookPanel[] {
  const panels: NotebookPanel[] = [];
  tracker.forEach((panel) => {
    panels.push(panel);
  });
  return panels;
}

export function codeCells(panel: NotebookPanel): CodeCellModel[] {
  return [...(panel.content.model?.cells ?? [])].filter(
    (cell): cell is CodeCellModel => cell.type === "code",
  );
}

/** Maps ids of cells of a notebook to the ids of their replies. */
export function answersIn(panel: NotebookPanel): [string, string][] {
  return codeCells(panel).flatMap((cell) => {
    const shown = outputsOf(cell).map(replyId);
    const last = shown.filter((id) => typeof id === "string").at(-1);
    return last ? [[cell.sharedModel.getId(), last]] : [];
  });
}

/** Every kept output, by the id of what it shows; `idOf` limits them to one kind. */
export function allPlaces(
  panels: readonly NotebookPanel[],
  idOf: (output: Output) => unknown = shownId,
): Map<unknown, OutputPlace[]> {
  const places = new Map<unknown, OutputPlace[]>();
  for (const panel of panels) {
    for (const cell of codeCells(panel)) {
      for (const [index, output] of outputsOf(cell).entries()) {
        const id = idOf(output);
        if (id !== undefined) places.set(id, [...(places.get(id) ?? []), { panel, cell, index }]);
      }
    }
  }
  return places;
}

export function outputAt({ cell, index }: OutputPlace): OutputItem {
  return cell.outputs.get(index);
}

/** Writes `output`, unless it is there already: then the notebook must not be marked as changed. */
export function write({ cell, index }: OutputPlace, { data, metadata }: Output): void {
  const old = cell.outputs.get(index).toJSON();
  const next = { ...old, data, metadata: { ...old.metadata, ...metadata } };
  if (!JSONExt.deepEqual(next, old)) cell.outputs.set(index, next);
}

/**
 * Adds an output to its cell. `run` lists what the execution displays that displays it, in order. What other
 * executions displayed is older: all outputs are removed, as when a cell is run.
 */
export function insert(cell: CodeCellModel, id: string, run: readonly string[], output: NewOutput): void {
  const { outputs } = cell;
  const shown = outputsOf(cell);
  const ids = shown.map(shownId).filter((other) => other !== undefined);
  if (ids.length > 0 && !ids.some((other) => isOneOf(run, other))) {
    outputs.clear();
    cell.executionCount = null;
  }
  // As after any run: all content of the cell was made by this kernel.
  if (outputs.length === 0) cell.trusted = true;
  const later = run.slice(run.indexOf(id) + 1);
  const next = shown.findIndex((other) => isOneOf(later, shownId(other)));
  if (next < 0) outputs.add(output);
  else {
    const kept = shown.map((other) => other.toJSON());
    outputs.fromJSON([...kept.slice(0, next), output, ...kept.slice(next)]);
  }
}

function isOneOf(run: readonly string[], id: unknown): boolean {
  return typeof id === "string" && run.includes(id);
}

function outputsOf({ outputs }: CodeCellModel): OutputItem[] {
  return Array.from({ length: outputs.length }, (_, index) => outputs.get(index));
}
