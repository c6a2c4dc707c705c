/** Long content, cut off until the reader asks for all of it. */

import type { Signal } from "@preact/signals";

/** What counts as long: more than so many UTF-16 units or lines. */
export interface Measure {
  characters: number;
  lines: number;
}

export function isLong(text: string, { characters, lines }: Measure): boolean {
  return text.length > characters || text.split("\n", lines + 1).length > lines;
}

export function FoldButton({ open }: { open: Signal<boolean> }) {
  const toggle = () => {
    open.value = !open.value;
  };
  return (
    <button type="button" class="nbs-button nbs-unfold" aria-expanded={open.value} onClick={toggle}>
      {open.value ? "Show less" : "Show all"}
    </button>
  );
}
