/** Where answers are in the open notebooks. */

import type {
  CodeCellModel,
  NewOutput,
  NotebookPanel,
  NotebookTracker,
  OutputItem,
} from "@jupyterlab/notebook";
import { JSONExt } from "@lumino/coreutils";
import { REPLY_MIMETYPE } from "../../core/protocol";
import type { Output } from "../../page/live-replies";
import { record } from "../fields";
import { pairs, unpackedRun } from "../packing";

/** An output that shows an answer. */
export interface OutputPlace {
  readonly panel: NotebookPanel;
  readonly cell: CodeCellModel;
  readonly index: number;
}

/** A cache by the output's metadata: ids are read every second. */
const ids = new WeakMap<object, unknown>();

/** Id of the reply that an output shows; undefined if there is none. */
export function replyId({ data, metadata }: Output): unknown {
  if (!(REPLY_MIMETYPE in data)) return undefined;
  if (!ids.has(metadata)) {
    const own = record(metadata.nbstream);
    ids.set(metadata, own.id ?? unpackedRun(own.run).id);
  }
  return ids.get(metadata);
}

/** Whether an output of a cell shows a reply, or has it among the other versions of its answer. */
export function holds(cell: CodeCellModel, reply: string): boolean {
  return outputsOf(cell).some((output) => {
    const { versions } = unpackedRun(record(output.metadata.nbstream).run);
    const others = pairs(versions).map(([, run]) => record(run).id);
    return [replyId(output), ...others].includes(reply);
  });
}

/** Whether the answer in an output is still streaming, or was when its kernel or page ended. */
export function isUnfinished({ data }: Output): boolean {
  const { status } = record(data[REPLY_MIMETYPE]);
  return status === "submitted" || status === "streaming";
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

/** Every output that shows a reply, by the id of the reply. */
export function allPlaces(panels: readonly NotebookPanel[]): Map<unknown, OutputPlace[]> {
  const places = new Map<unknown, OutputPlace[]>();
  for (const panel of panels) {
    for (const cell of codeCells(panel)) {
      for (const [index, output] of outputsOf(cell).entries()) {
        const id = replyId(output);
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
 * Adds the output of a reply to its cell. `run` lists the replies of the execution that displays it, in
 * order. Answers of other executions are older: all outputs with them are removed, as when a cell is run.
 */
export function insert(cell: CodeCellModel, reply: string, run: readonly string[], output: NewOutput): void {
  const { outputs } = cell;
  const shown = outputsOf(cell);
  const answers = shown.map(replyId).filter((id) => id !== undefined);
  if (answers.length > 0 && !answers.some((id) => isOneOf(run, id))) {
    outputs.clear();
    cell.executionCount = null;
  }
  // As after any run: all content of the cell was made by this kernel.
  if (outputs.length === 0) cell.trusted = true;
  const later = run.slice(run.indexOf(reply) + 1);
  const next = shown.findIndex((other) => isOneOf(later, replyId(other)));
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
