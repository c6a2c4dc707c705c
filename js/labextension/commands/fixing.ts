/** The cell that asks about an error. */

import type { CellModel, Kernel, NotebookPanel } from "@jupyterlab/notebook";
import { hasFailed, isCode, numberIn, questionAbout } from "./asking";

export interface Fix {
  /** Index of the cell that failed. */
  index: number;
  /** Source of the cell that asks about it. */
  source: string;
}

/** Asks about the error of the active cell, or else about the last error; null if no cell has failed. */
export async function fixIn({ content, sessionContext }: NotebookPanel): Promise<Fix | null> {
  const models = content.widgets.map(({ model }) => model);
  const last = lastFailed(models);
  const active = models[content.activeCellIndex];
  const failed = active && hasFailed(active) ? active : last;
  if (!failed) return null;
  const kernel = sessionContext.session?.kernel ?? null;
  const source =
    failed === last && (await isKnown(failed, kernel)) ? "%chat fix" : await questionAbout(failed, kernel);
  return { index: models.indexOf(failed), source };
}

/** `%chat fix` asks about the last error of the kernel, whose cell has the highest count. */
function lastFailed(models: readonly CellModel[]): CellModel | undefined {
  const failed = models.filter(hasFailed);
  return failed.sort((first, second) => countOf(second) - countOf(first))[0];
}

function countOf(model: CellModel): number {
  return (isCode(model) && model.executionCount) || 0;
}

async function isKnown(model: CellModel, kernel: Kernel | null): Promise<boolean> {
  return kernel !== null && (await numberIn(kernel, model)) !== null;
}
