/** Long content, folded until the user expands it. */

import type { Signal } from "@preact/signals";

/** Longer content, in UTF-16 units or lines, is folded. */
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
