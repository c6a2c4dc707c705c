/** The code of the last answer. */

import type { CellModel, NotebookPanel, OutputItem } from "@jupyterlab/notebook";
import { REPLY_MIMETYPE } from "../../core/protocol";
import { liveReplies } from "../../page/live-replies";
import { text } from "../fields";
import { replyId } from "../keeping/replies";
import { unpackedReply } from "../packing";
import { asSeen, multiline } from "../text-lines";
import { isCode } from "./asking";
import { insertBelow } from "./insertion";
import { newCell } from "./new-cell";

/**
 * Puts the code of the last answer below it: of the active cell if its answer has code, otherwise of the next one above,
 * otherwise of the last one below. Returns whether there was any.
 */
export async function insertLastCode(panel: NotebookPanel): Promise<boolean> {
  const { codeBlocks } = await import("../../render/code-blocks");
  const { widgets, activeCellIndex } = panel.content;
  const indices = [...widgets.keys()].reverse();
  for (const index of [...indices.filter((at) => at <= activeCellIndex), ...indices]) {
    const blocks = codeBlocks(answerIn(widgets[index]?.model));
    const cells = blocks.map(({ language, code }) => newCell(language, code));
    const code = cells.filter(({ cell_type }) => cell_type === "code");
    if (code.length === 0) continue;
    insertBelow(panel, index, code);
    return true;
  }
  return false;
}

/** The Markdown of the last answer in the outputs of a cell; "" if there is none. */
function answerIn(model: CellModel | undefined): string {
  if (!model || !isCode(model)) return "";
  const { outputs, trusted } = model;
  const all = Array.from({ length: outputs.length }, (_, index) => outputs.get(index));
  const output = all.filter((one) => replyId(one) !== undefined || REPLY_MIMETYPE in one.data).at(-1);
  return output ? answerOf(output, trusted) : "";
}

function answerOf(output: OutputItem, trusted: boolean): string {
  const id = replyId(output);
  const live = trusted && typeof id === "string" ? liveReplies.find(id) : undefined;
  if (live && !live.isOver) return live.snapshot().text;
  const markdown = output.data["text/markdown"];
  // A newer version of nbstream may save the text in another form.
  return text(unpackedReply(output.data[REPLY_MIMETYPE], markdown).text) ?? asSeen(multiline(markdown));
}
