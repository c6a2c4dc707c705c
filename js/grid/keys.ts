/** The keyboard: arrows move between cells, and letters act on the cell. */

import type { ReadonlySignal } from "@preact/signals";
import { copyText } from "../render";
import { cellNumber, type GridRow } from "./rows";
import type { GridSession } from "./session";

const MOVES = new Map<string, readonly [rows: number, variants: number]>([
  ["ArrowUp", [-1, 0]],
  ["ArrowDown", [1, 0]],
  ["ArrowLeft", [0, -1]],
  ["ArrowRight", [0, 1]],
  ["PageUp", [-3, 0]],
  ["PageDown", [3, 0]],
  ["Home", [Number.NEGATIVE_INFINITY, 0]],
  ["End", [Number.POSITIVE_INFINITY, 0]],
]);

export function useKeys(
  session: GridSession,
  rows: ReadonlySignal<readonly GridRow[]>,
  variants: ReadonlySignal<readonly number[]>,
): (event: KeyboardEvent) => void {
  const { view } = session;
  const move = (by: readonly [number, number]) => {
    const [row, column] = view.focused.peek();
    view.focused.value = [
      within(row + by[0], rows.peek().length),
      within(column + by[1], variants.peek().length),
    ];
    view.moving.value = true;
  };
  return (event) => {
    // The notebook would handle Enter as "run this cell" and remove the view.
    event.stopPropagation();
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") view.opened.value = null;
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "gridcell") return;
    const [place, column] = view.focused.peek();
    const row = rows.peek()[place];
    const variant = variants.peek()[column];
    const by = MOVES.get(event.key);
    if (by) move(by);
    else if (row && variant !== undefined) {
      const number = cellNumber(session.store.layout.peek(), row, variant);
      if (!act(session, event.key, number, variant)) return;
    } else return;
    event.preventDefault();
  };
}

/** Carries out a key on a cell; returns false for other keys. */
function act(session: GridSession, key: string, number: number, variant: number): boolean {
  const { store, view, send } = session;
  const cell = store.cells.peek()[number];
  if (!cell) return false;
  if (key === "Enter") view.opened.value = number;
  else if (key === "c") void copyText(cell.text.peek() ?? "", document);
  else if (key === "r") view.raw.value = !view.raw.peek();
  else if (key === "d") view.diff.value = !view.diff.peek();
  else if (key === "+" || key === "-") rate(session, number, key === "+" ? 1 : -1);
  else if (key === "s" && send) send({ name: "stop", cell: number });
  else if (key === "b" && send) send({ name: "pin", variant });
  else return false;
  return true;
}

/** Rates an answer; the same rating again removes it. The note stays. */
export function rate({ store, send }: GridSession, number: number, score: 1 | -1): void {
  const cell = store.cells.peek()[number];
  if (!cell || !send) return;
  const pressed = cell.head.peek()[7] === score;
  const note = cell.details.peek().note ?? "";
  send({ name: "rate", cell: number, score: pressed ? 0 : score, note });
}

function within(index: number, count: number): number {
  return Math.max(0, Math.min(index, count - 1));
}
