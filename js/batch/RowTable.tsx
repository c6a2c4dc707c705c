// biome-ignore-all lint/a11y/useSemanticElements: table rows cannot be positioned.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and refers to its active row.
/** The rows, of which only those in sight are in the document: a hundred thousand cost as much as a hundred. */

import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { followSize, inSight, reveal, rowAfter } from "../table/virtual-rows";
import type { SortKey } from "./order";
import { RowLine } from "./RowLine";
import { type BatchSession, isRunning } from "./session";
import { costOf, countText, secondsText, statusText } from "./wording";

/** In CSS pixels, as in batch.css. */
const ROW = 28;
const HEADINGS = 30;
/** Visible rows, unless the reader makes the table taller. */
const SEEN = 12;
/** Browsers draw nothing beyond some 33 million pixels. */
const MOST_ROWS = 1_000_000;

interface Heading {
  key: SortKey | null;
  name: string;
  label: string;
}

const HEADINGS_OF_COLUMNS: Heading[] = [
  { key: "row", name: "row", label: "Row" },
  { key: "status", name: "status", label: "Status" },
  { key: null, name: "values", label: "Values" },
  { key: null, name: "answer", label: "Answer" },
  { key: "tokens", name: "tokens", label: "Tokens" },
  { key: "ms", name: "seconds", label: "Time" },
  { key: "cost", name: "cost", label: "Cost" },
  { key: "attempts", name: "attempts", label: "Tries" },
  { key: "order", name: "order", label: "Ended" },
];

export interface RowTableProps {
  live: BatchSession;
  /** Names the view. */
  host: object;
  rows: ReadonlySignal<Int32Array>;
}

export function RowTable({ live, host, rows }: RowTableProps) {
  const { store, view } = live;
  const box = useRef<HTMLDivElement>(null);
  const id = useMemo(() => `nbb-${Math.random().toString(36).slice(2)}`, []);
  const top = useSignal(0);
  const height = useSignal((SEEN + 1) * ROW);
  useLayoutEffect(
    () =>
      box.current
        ? followSize(box.current, () => {
            height.value = box.current?.clientHeight ?? 0;
          })
        : undefined,
    [],
  );
  useSignalEffect(() => {
    const place = rows.peek().indexOf(view.selected.value);
    if (place >= 0 && box.current) reveal(box.current, place, ROW, HEADINGS);
  });
  void store.version.value;
  const isOver = !isRunning(store) && store.figures.value.phase === "ended";
  const shown = rows.value;
  const count = Math.min(shown.length, MOST_ROWS);
  const [first, end] = inSight(top.value, height.value, ROW, count);
  const drawn = [...shown.subarray(first, end)];
  useLayoutEffect(() => live.show(host, drawn));
  const selected = view.selected.value;
  const place = drawn.indexOf(selected);
  const open = (row: number) => {
    view.selected.value = row;
    view.opened.value = row;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = view.selected.peek();
    if (event.key === "Enter" && row >= 0) open(row);
    else {
      const page = Math.max(1, Math.floor((height.peek() - HEADINGS) / ROW) - 1);
      const next = rowAfter(event.key, rows.peek().indexOf(row), page, count);
      if (next === null) return;
      view.selected.value = rows.peek()[next] ?? -1;
      if (view.opened.peek() >= 0) view.opened.value = view.selected.peek();
    }
    event.preventDefault();
  };
  return (
    <div
      ref={box}
      class="nbs-batch-box"
      role="grid"
      aria-label="Rows"
      aria-rowcount={count + 1}
      aria-activedescendant={place >= 0 ? `${id}-${selected}` : undefined}
      tabIndex={0}
      style={{ height: `${Math.min(count, SEEN) * ROW + HEADINGS + 2}px` }}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
      onKeyDown={onKeyDown}
    >
      <Headings live={live} />
      <div role="rowgroup" class="nbs-batch-canvas" style={{ height: `${count * ROW}px` }}>
        {drawn.map((row, index) => (
          <RowLine
            key={row}
            id={`${id}-${row}`}
            row={row}
            place={first + index}
            top={(first + index) * ROW}
            selected={row === selected}
            code={store.columns.status[row] ?? 0}
            status={statusText(store.columns.status[row] ?? 0, isOver)}
            text={store.text(row)}
            tokens={countText(store.columns.output[row] ?? -1)}
            time={secondsText(store.columns.ms[row] ?? -1)}
            cost={costOf(store.columns.cost[row] ?? Number.NaN)}
            attempts={store.columns.attempts[row] ?? 0}
            order={store.columns.order[row] ?? 0}
            onOpen={open}
          />
        ))}
      </div>
      {count === 0 && <p class="nbs-batch-none">No rows.</p>}
    </div>
  );
}

function Headings({ live }: { live: BatchSession }) {
  const { sorting } = live.view;
  const { key: sorted, descending } = sorting.value;
  const sortBy = (key: SortKey) => {
    // The newest rows and the longest answers are looked for first.
    const isNew = key !== sorted;
    sorting.value = { key, descending: isNew ? key !== "row" && key !== "status" : !descending };
  };
  return (
    <div class="nbs-batch-row nbs-batch-headings" role="row" aria-rowindex={1}>
      {HEADINGS_OF_COLUMNS.map(({ key, name, label }) => (
        <span
          key={name}
          role="columnheader"
          data-column={name}
          aria-sort={key !== sorted ? undefined : descending ? "descending" : "ascending"}
        >
          {key === null ? (
            label
          ) : (
            <button type="button" class="nbs-button" title={`Sort by ${label}`} onClick={() => sortBy(key)}>
              {label}
              {key === sorted && <span aria-hidden="true">{descending ? "↓" : "↑"}</span>}
            </button>
          )}
        </span>
      ))}
    </div>
  );
}
