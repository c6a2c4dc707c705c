/** Questions about cells, as `%%chat` cells that the user may edit and run. */

import type { CellModel, CodeCellModel, Kernel, NewOutput } from "@jupyterlab/notebook";
import { fenced } from "../fenced";
import { text } from "../fields";
import { multiline } from "../text-lines";

/** How long a kernel has to answer what it has run, in ms: one that runs a cell answers after it. */
const PATIENCE = { busy: 1000, idle: 10_000 };
/** As many characters as `--with-cell` sends. */
const MAX_OUTPUT = 20_000;

export function isCode(model: CellModel): model is CodeCellModel {
  return model.type === "code";
}

export function outputsOf(model: CellModel): NewOutput[] {
  if (!isCode(model)) return [];
  return Array.from({ length: model.outputs.length }, (_, index) => model.outputs.get(index).toJSON());
}

export function hasFailed(model: CellModel): boolean {
  return outputsOf(model).some(({ output_type }) => output_type === "error");
}

/**
 * A `%%chat` cell that asks about a cell: `--with-cell` if the kernel has run it as it is, otherwise with its source and
 * output.
 */
export async function questionAbout(model: CellModel, kernel: Kernel | null): Promise<string> {
  const words = hasFailed(model)
    ? "Why does this cell fail, and how can it be fixed?"
    : "Explain this cell and its output.";
  const number = kernel ? await numberIn(kernel, model) : null;
  if (number !== null) return `%%chat --with-cell ${number}\n${words}`;
  return `%%chat --raw\n${quoted(model)}\n\n${words}`;
}

/** The execution count of a cell, if the kernel has run it in this session as it is. */
export async function numberIn(kernel: Kernel, model: CellModel): Promise<number | null> {
  const count = isCode(model) ? model.executionCount : null;
  if (count === null) return null;
  const found = await Promise.race([sourceOf(kernel, count), afterPatience(kernel)]);
  return found === model.sharedModel.getSource().trimEnd() ? count : null;
}

async function sourceOf(kernel: Kernel, count: number): Promise<string | null> {
  const range = { session: 0, start: count, stop: count + 1, raw: true, output: false };
  const { content } = await kernel.requestHistory({ hist_access_type: "range", ...range });
  return text(content.history?.find(([, number]) => number === count)?.[2])?.trimEnd() ?? null;
}

function afterPatience({ status }: Kernel): Promise<null> {
  const patience = status === "idle" ? PATIENCE.idle : PATIENCE.busy;
  return new Promise((resolve) => setTimeout(() => resolve(null), patience));
}

/** The source and the output of a cell. */
function quoted(model: CellModel): string {
  const source = fenced(isCode(model) ? "python" : "markdown", model.sharedModel.getSource());
  const output = outputsOf(model).map(outputText).filter(Boolean).join("\n");
  if (!output) return source;
  const shown = output.length > MAX_OUTPUT ? `${output.slice(0, MAX_OUTPUT)}…` : output;
  return `${source}\n\nOutput:\n${fenced("text", shown)}`;
}

function outputText(output: NewOutput): string {
  const { output_type, text: printed, ename, evalue, data } = output;
  if (output_type === "stream") return multiline(printed).trimEnd();
  if (output_type === "error") return `${ename}: ${evalue}`;
  return multiline(data?.["text/plain"]);
}
