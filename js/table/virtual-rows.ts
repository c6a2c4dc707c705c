/** Tables of which only the rows in sight are in the document. */

/** Rows above and below those in sight that are drawn as well. */
const MARGIN = 3;

/** The first row that is drawn, and the first that is not any more. */
export function inSight(top: number, height: number, rowHeight: number, count: number): [number, number] {
  const first = Math.max(0, Math.floor(top / rowHeight) - MARGIN);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + MARGIN);
  return [Math.min(first, end), end];
}

/** Scrolls just far enough to show a row below the headings, which cover `headings` pixels. */
export function reveal(box: HTMLElement, row: number, rowHeight: number, headings: number): void {
  const top = row * rowHeight;
  const room = box.clientHeight - headings;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + room) box.scrollTop = top + rowHeight - room;
}

/** The row that a key selects; null for other keys. */
export function rowAfter(key: string, row: number, page: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined || count === 0 ? null : Math.max(0, Math.min(count - 1, next));
}

/** Calls `measure` now and whenever the size of `element` changes, until the returned function is called. */
export function followSize(element: HTMLElement, measure: () => void): () => void {
  measure();
  const observer = new ResizeObserver(measure);
  observer.observe(element);
  return () => observer.disconnect();
}
