// biome-ignore-all lint/a11y/useSemanticElements: table rows cannot be positioned.
// biome-ignore-all lint/a11y/useFocusableInteractive: its cells have the focus.
/** The view of one comparison, live or saved. */

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { STOP_UNHEARD } from "../kernel/stop";
import { visible } from "../render";
import { NoticeLine } from "../reply/messages";
import { mount } from "../reply/mount";
import { followTheme } from "../reply/theme";
import { followSize, inSight, reveal } from "../table/virtual-rows";
import { Changes } from "./Changes";
import { Heading } from "./Heading";
import { useKeys } from "./keys";
import { Opened } from "./Opened";
import { Plots } from "./Plots";
import { Row } from "./Row";
import { cellNumber, type GridRow, rowsOf, sorted } from "./rows";
import type { GridSession } from "./session";
import { Toolbar } from "./Toolbar";

/** Heights of rows in CSS pixels, as in grid.css. */
const ROW = 168;
const FOLDED_ROW = 64;
/** A narrower view shows one variant at a time. */
const NARROW = 480;

/** Draws a comparison into `host` until the returned function is called. */
export function mountGrid(host: HTMLElement, session: GridSession): () => void {
  return mount(host, session.typeset, <GridView session={session} host={host} />);
}

function GridView({ session, host }: { session: GridSession; host: object }) {
  const root = useRef<HTMLElement>(null);
  const { store, view } = session;
  const width = useSignal(0);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  useLayoutEffect(() => followed(root.current, ({ clientWidth }) => (width.value = clientWidth)), []);
  const narrow = useComputed(() => width.value > 0 && width.value < NARROW);
  const variants = useComputed(() => {
    const all = store.layout.value.variants.map((_, variant) => variant);
    return narrow.value ? all.slice(view.only.value, view.only.value + 1) : all;
  });
  // The rows stay in their places while answers stream: only a new order, or the end, sorts them again.
  const rows = useComputed(() => {
    void store.figures.value.done;
    return sorted(rowsOf(store.layout.value), store.layout.value, store.cells.value, view.sorting.value);
  });
  const onKeyDown = useKeys(session, rows, variants);
  return (
    <article
      ref={root}
      class="nbstream nbs-grid"
      data-lm-suppress-shortcuts="true"
      data-narrow={narrow.value || undefined}
      data-folded={view.folded.value || undefined}
      aria-label="Comparison"
      onKeyDown={onKeyDown}
    >
      <Shared session={session} />
      <Toolbar session={session} narrow={narrow.value} />
      {session.stop?.state.value === "unheard" && <NoticeLine text={STOP_UNHEARD} />}
      {view.notice.value && <NoticeLine text={view.notice.value} />}
      {view.opened.value !== null && <Opened session={session} number={view.opened.value} />}
      <Table session={session} host={host} rows={rows.value} variants={variants.value} />
      <Changes session={session} rows={rows} narrow={narrow} />
      <Plots session={session} />
      <ul class="nbs-verdicts">
        {store.figures.value.verdicts.map((verdict) => (
          <li key={verdict}>{visible(verdict)}</li>
        ))}
      </ul>
    </article>
  );
}

/** The parameters that all variants have. */
function Shared({ session }: { session: GridSession }) {
  const { shared } = session.store.layout.value;
  if (shared.length === 0) return null;
  return (
    <dl class="nbs-shared">
      {shared.map(([name, value]) => (
        <div key={name}>
          <dt>{visible(name)}</dt>
          <dd>{visible(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

interface TableProps {
  session: GridSession;
  /** Names the view. */
  host: object;
  rows: readonly GridRow[];
  variants: readonly number[];
}

/** Only the rows in sight are in the document, on a canvas that is as high as all of them. */
function Table({ session, host, rows, variants }: TableProps) {
  const { store, view } = session;
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(640);
  const rowHeight = view.folded.value ? FOLDED_ROW : ROW;
  useLayoutEffect(() => followed(box.current, ({ clientHeight }) => (height.value = clientHeight)), []);
  useSignalEffect(() => {
    const [row] = view.focused.value;
    const rowHeight = view.folded.peek() ? FOLDED_ROW : ROW;
    const headings = box.current?.firstElementChild?.clientHeight ?? 0;
    if (view.moving.value && box.current) reveal(box.current, row, rowHeight, headings);
  });
  const [first, end] = inSight(top.value, height.value, rowHeight, rows.length);
  const drawn = rows.slice(first, end);
  const layout = store.layout.value;
  const wanted = drawn.flatMap((row) => variants.map((variant) => cellNumber(layout, row, variant)));
  useShown(session, host, wanted);
  return (
    <div
      ref={box}
      class="nbs-grid-box"
      role="grid"
      aria-label="Answers"
      aria-rowcount={rows.length + 1}
      aria-colcount={variants.length + 1}
      style={{ "--nbs-columns": variants.length }}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <Heading session={session} variants={variants} />
      <div class="nbs-canvas" style={{ height: `${rows.length * rowHeight}px` }}>
        {drawn.map((row, place) => (
          <Row
            key={`${row.row}/${row.sample}`}
            session={session}
            row={row}
            place={first + place}
            top={(first + place) * rowHeight}
            variants={variants}
          />
        ))}
      </div>
    </div>
  );
}

/** Requests the texts of the cells that are drawn, and of their baseline where differences are marked. */
function useShown(session: GridSession, host: object, wanted: readonly number[]): void {
  const { store, view } = session;
  const sent = useRef("");
  useSignalEffect(() => {
    // A grid that has changed is requested again.
    void store.cells.value;
    sent.current = "";
  });
  useLayoutEffect(() => {
    const layout = store.layout.peek();
    const { baseline } = store.figures.peek();
    const size = layout.variants.length * layout.n;
    const opened = view.opened.value === null ? [] : [view.opened.value];
    const all = [...wanted, ...opened];
    const others = view.diff.value
      ? all.map((number) => Math.floor(number / size) * size + baseline * layout.n + (number % layout.n))
      : [];
    const numbers = [...new Set([...all, ...others])].sort((one, other) => one - other);
    const key = numbers.join();
    if (key === sent.current || numbers.length === 0) return;
    sent.current = key;
    session.show(host, numbers);
  });
}

function followed(
  element: HTMLElement | null,
  take: (element: HTMLElement) => void,
): (() => void) | undefined {
  return element ? followSize(element, () => take(element)) : undefined;
}
