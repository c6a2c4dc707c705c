// biome-ignore-all lint/a11y/useSemanticElements: table rows cannot be positioned.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and refers to its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys.
/** The rows as a grid of which only the visible part is in the document: fifty thousand cost as much as fifty. */

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { InspectedRow } from "../core/inspection";
import { visible } from "../render/invisible";
import type { InspectionLog } from "./log";
import { duration, kindOf, lineOf, signOf } from "./wording";

/** In CSS pixels, as in the stylesheet. */
const ROW = 22;
/** Number of visible rows, unless the user makes the grid taller. */
const SEEN = 11;
/** Rows drawn beyond each edge, so that fast scrolling shows no gap. */
const OVERSCAN = 8;
/** Browsers draw nothing beyond some 33 million pixels. */
const MOST_ROWS = 1_000_000;
const HEADS = ["", "at", "gap", "event", "what"];

export interface EventGridProps {
  log: InspectionLog;
  /** Numbers of the visible rows; null for all. */
  shown: readonly number[] | null;
  /** Number of the selected row; -1 for none. */
  selected: Signal<number>;
}

export function EventGrid({ log, shown, selected }: EventGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const id = useMemo(() => `nbi-${Math.random().toString(36).slice(2)}`, []);
  const view = useSignal({ top: 0, height: (SEEN + 1) * ROW });
  const look = () => {
    const { scrollTop, clientHeight } = box.current ?? { scrollTop: 0, clientHeight: 0 };
    view.value = { top: scrollTop, height: clientHeight };
  };
  useLayoutEffect(() => (box.current ? watchSize(box.current, look) : undefined), []);
  const count = Math.min(shown?.length ?? log.count.value, MOST_ROWS);
  const rowAt = (place: number) => (shown ? (shown[place] ?? -1) : place);
  const placeOf = (row: number) => (shown ? shown.indexOf(row) : row);
  useSignalEffect(() => reveal(box.current, placeOf(selected.value)));
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.peek().height / ROW) - 2);
    const place = moved(event.key, placeOf(selected.peek()), page, count - 1);
    if (place === null) return;
    event.preventDefault();
    selected.value = rowAt(place);
  };
  const first = Math.max(0, Math.floor(view.value.top / ROW) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.value.top + view.value.height) / ROW) + OVERSCAN);
  const places = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  const chosen = placeOf(selected.value);
  return (
    <div
      ref={box}
      class="nbi-grid"
      role="grid"
      aria-label="Events"
      aria-rowcount={count + 1}
      aria-activedescendant={chosen >= first && chosen < last ? `${id}-${chosen}` : undefined}
      tabIndex={0}
      style={{ height: `${(Math.min(count, SEEN) + 1) * ROW + 2}px` }}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <div role="row" aria-rowindex={1} class="nbi-row nbi-head">
        {HEADS.map((head) => (
          <span key={head} role="columnheader">
            {head || <span class="nbi-unseen">sign</span>}
          </span>
        ))}
      </div>
      <div role="rowgroup" class="nbi-canvas" style={{ height: `${count * ROW}px` }}>
        {places.map((place) => (
          <EventRow
            key={place}
            id={`${id}-${place}`}
            place={place}
            row={log.rows[rowAt(place)]}
            chosen={place === chosen}
            onChoose={() => {
              selected.value = rowAt(place);
            }}
          />
        ))}
      </div>
    </div>
  );
}

interface EventRowProps {
  id: string;
  place: number;
  row: InspectedRow | undefined;
  chosen: boolean;
  onChoose: () => void;
}

function EventRow({ id, place, row, chosen, onChoose }: EventRowProps) {
  if (!row) return null;
  const [sign, meaning] = signOf(row);
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={chosen}
      class="nbi-row"
      data-kind={kindOf(row)}
      style={{ transform: `translateY(${place * ROW}px)` }}
      onClick={onChoose}
    >
      <span role="gridcell" title={meaning || undefined} aria-label={meaning || undefined}>
        {sign}
      </span>
      <span role="gridcell">{row.at.toFixed(3)} s</span>
      <span role="gridcell">{row.gap === null ? "" : duration(row.gap)}</span>
      <span role="gridcell">{visible(row.type)}</span>
      <span role="gridcell">{visible(lineOf(row))}</span>
    </div>
  );
}

/** The row that a key selects; null for other keys. */
function moved(key: string, place: number, page: number, last: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    PageDown: place + page,
    PageUp: place - page,
    Home: 0,
    End: last,
  };
  const next = steps[key];
  return next === undefined || last < 0 ? null : Math.max(0, Math.min(last, next));
}

/** Scrolls just far enough to show a row below the head. */
function reveal(box: HTMLElement | null, place: number): void {
  if (!box || place < 0) return;
  const top = place * ROW;
  const room = box.clientHeight - ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + room) box.scrollTop = top + ROW - room;
}

function watchSize(box: HTMLElement, look: () => void): () => void {
  const observer = new ResizeObserver(look);
  observer.observe(box);
  return () => observer.disconnect();
}
