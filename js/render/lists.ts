import type { Attributes, Cursor } from "./cursor";
import { directionOf } from "./direction";
import type { Token } from "./markdown";

/** GFM task list item: a box at the start of the item's first paragraph. */
const TASK = /^\[([ xX])\][ \t\n]+/;

/** Attributes of a list; a loose one has space between its items. */
export function listAttributes(opening: Token, loose: boolean): Attributes {
  const start = opening.attrGet("start");
  return {
    ...directionOf(opening),
    ...(loose && { class: "nbs-loose" }),
    ...(start !== null && { start: String(Number(start)) }),
  };
}

/** Attributes of the item that `tokens[index]` opens. */
export function itemAttributes(tokens: readonly Token[], index: number): Attributes {
  const paragraph = tokens[index + 1]?.type === "paragraph_open";
  return paragraph && TASK.test(tokens[index + 2]?.content ?? "") ? { class: "nbs-task-item" } : {};
}

/** Draws the box of a task, if the inline token at `index` begins with one; returns the content after it. */
export function drawBox(cursor: Cursor, tokens: readonly Token[], index: number): string {
  const { content } = tokens[index] as Token;
  const box = tokens[index - 2]?.type === "list_item_open" ? TASK.exec(content) : null;
  if (!box) return content;
  const done = box[1] !== " ";
  cursor.leaf("span", {
    class: done ? "nbs-box nbs-box-done" : "nbs-box",
    role: "img",
    "aria-label": done ? "Done:" : "To do:",
  });
  return content.slice(box[0].length);
}
