// biome-ignore-all lint/a11y/useSemanticElements: table rows cannot be positioned.
// biome-ignore-all lint/a11y/useFocusableInteractive: its cells have the focus.
/** One row: its label, and the answer of each variant. */

import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { visible } from "../render";
import { Cell } from "./Cell";
import { cellNumber, type GridRow } from "./rows";
import type { GridSession } from "./session";

interface RowProps {
  session: GridSession;
  row: GridRow;
  /** Its place in the order of the table. */
  place: number;
  /** In CSS pixels. */
  top: number;
  variants: readonly number[];
}

export function Row({ session, row, place, top, variants }: RowProps) {
  const { store, view } = session;
  const layout = store.layout.value;
  const heading = layout.rows[row.row];
  const element = useRef<HTMLDivElement>(null);
  // A key has moved the focus here, perhaps before this row was drawn.
  useSignalEffect(() => {
    const [focused, column] = view.focused.value;
    if (!view.moving.value || focused !== place) return;
    view.moving.value = false;
    const cells = element.current?.querySelectorAll<HTMLElement>('[role="gridcell"]');
    cells?.[column]?.focus({ preventScroll: true });
  });
  return (
    <div
      ref={element}
      class="nbs-grid-row"
      role="row"
      aria-rowindex={place + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div class="nbs-row-head" role="rowheader">
        <strong>
          {visible(heading?.label ?? "")}
          {layout.n > 1 && ` (${row.sample + 1})`}
        </strong>
        {heading?.fields.map(([name, value]) => (
          <span key={name} title={`${name}: ${value}`}>
            {visible(value)}
          </span>
        ))}
      </div>
      {variants.map((variant, column) => {
        const cell = store.cells.value[cellNumber(layout, row, variant)];
        return cell && <Cell key={variant} session={session} cell={cell} at={[place, column]} />;
      })}
    </div>
  );
}
