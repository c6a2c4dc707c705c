// biome-ignore-all lint/a11y/useSemanticElements: table rows cannot be positioned.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and refers to its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys.
/** One row. It is drawn again only if something in it has changed. */

import { Component } from "preact";
import type { RowText } from "../core/batch-protocol";
import { FAILED, INVALID } from "../core/batch-store";
import { visible } from "../render/invisible";

export interface RowLineProps {
  id: string;
  row: number;
  /** Its place in the order of the table. */
  place: number;
  /** In CSS pixels. */
  top: number;
  selected: boolean;
  code: number;
  status: string;
  text: RowText | undefined;
  tokens: string;
  time: string;
  cost: string;
  attempts: number;
  order: number;
  onOpen: (row: number) => void;
}

export class RowLine extends Component<RowLineProps> {
  override shouldComponentUpdate(next: RowLineProps): boolean {
    const names = Object.keys(next) as (keyof RowLineProps)[];
    return names.some((name) => name !== "onOpen" && next[name] !== this.props[name]);
  }

  override render({ id, row, place, top, selected, code, status, text, onOpen, ...figures }: RowLineProps) {
    const [, values = "", answer = ""] = text ?? [];
    return (
      <div
        id={id}
        class="nbs-batch-row"
        role="row"
        aria-rowindex={place + 2}
        aria-selected={selected}
        data-code={code}
        style={{ transform: `translateY(${top}px)` }}
        onClick={() => onOpen(row)}
      >
        <Part column="row">{row}</Part>
        <Part column="status">{status}</Part>
        <Part column="values">{visible(values)}</Part>
        <Part column="answer" error={code === FAILED || code === INVALID}>
          {visible(answer)}
        </Part>
        <Part column="tokens">{figures.tokens}</Part>
        <Part column="seconds">{figures.time}</Part>
        <Part column="cost">{figures.cost}</Part>
        <Part column="attempts">{figures.attempts || ""}</Part>
        <Part column="order">{figures.order || ""}</Part>
      </div>
    );
  }
}

interface PartProps {
  column: string;
  error?: boolean;
  children: string | number;
}

function Part({ column, error = false, children }: PartProps) {
  return (
    <span role="gridcell" data-column={column} data-error={error || undefined} dir="auto">
      {children}
    </span>
  );
}
