/** Answers in a notebook that are part of no conversation of its kernel, because an earlier kernel gave them. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { CellOutput, ListedChats } from "../../core/cell-protocol";
import { codeCells } from "../keeping/places";
import { replyId } from "../keeping/replies";
import { mayAsk } from "../kernel/cell-order";

export interface SavedAnswer extends CellOutput {
  cell: string;
  source: string;
}

const ALONE = /^[^\n]*\s--alone\b/;

/** From top to bottom. */
export function savedAnswers(panel: NotebookPanel, { chats, process }: ListedChats): SavedAnswer[] {
  const known = new Set(chats.flatMap(({ turns }) => turns.map(({ cell }) => cell)));
  return codeCells(panel)
    .filter((cell) => mayAsk(cell) && !known.has(cell.sharedModel.getId()))
    .flatMap(({ sharedModel, outputs }) => {
      const all = Array.from({ length: outputs.length }, (_, index) => outputs.get(index));
      const shown = all.filter((output) => isEarlier(replyId(output), process)).at(-1);
      const source = sharedModel.getSource();
      if (!shown || ALONE.test(source.trimStart())) return [];
      return [{ cell: sharedModel.getId(), source, data: shown.data, metadata: shown.metadata }];
    });
}

function isEarlier(reply: unknown, process: string): boolean {
  return typeof reply === "string" && (process === "" || !reply.startsWith(process));
}
