import type { Attributes, Cursor } from "./cursor";
import { Groups } from "./groups";
import type { Token } from "./markdown";

/** Rows in a `tbody`; even, so that striping continues. */
const BODY_ROWS = 32;
/** A wide table scrolls inside its frame, by keyboard too. */
const FRAME: Attributes = { class: "nbs-table", role: "group", "aria-label": "Table", tabindex: "0" };
const ALIGNMENTS: Record<string, Attributes> = {
  "text-align:center": { class: "nbs-center" },
  "text-align:left": { class: "nbs-left" },
  "text-align:right": { class: "nbs-right" },
};

export function openTable(cursor: Cursor, attributes: Attributes): void {
  cursor.open("div", FRAME);
  cursor.open("table", attributes);
}

export function closeTable(cursor: Cursor): void {
  cursor.close();
  cursor.close();
}

/** Whether body row number `index` is the first of another `tbody`. */
export function startsBody(index: number): boolean {
  return index > 0 && index % BODY_ROWS === 0;
}

/** The body rows of a drawn table. */
export function rowsOf(block: Element): Groups {
  const table = block.querySelector("table") as HTMLTableElement;
  return new Groups([...table.tBodies], BODY_ROWS, () => table.createTBody());
}

/** Attributes of a cell: its column's alignment, as a class. */
export function cellAttributes(token: Token): Attributes {
  const alignment = ALIGNMENTS[String(token.attrGet("style"))];
  return token.type === "th_open" ? { scope: "col", ...alignment } : { ...alignment };
}
