import type { Attributes, Cursor } from "./cursor";
import type { Token } from "./markdown";

/** A wide table scrolls inside its frame, by keyboard too. */
const FRAME: Attributes = { class: "nbs-table", role: "group", "aria-label": "Table", tabindex: "0" };
const ALIGNMENTS: Record<string, Attributes> = {
  "text-align:center": { class: "nbs-center" },
  "text-align:left": { class: "nbs-left" },
  "text-align:right": { class: "nbs-right" },
};

export function openTable(cursor: Cursor): void {
  cursor.open("div", FRAME);
  cursor.open("table");
}

export function closeTable(cursor: Cursor): void {
  cursor.close();
  cursor.close();
}

/** Attributes of a cell: its column's alignment, as a class. */
export function cellAttributes(token: Token): Attributes {
  const alignment = ALIGNMENTS[String(token.attrGet("style"))];
  return token.type === "th_open" ? { scope: "col", ...alignment } : { ...alignment };
}
