/** Files dragged onto a chat. */

import type { Signal } from "@preact/signals";

/**
 * Handlers that make an element accept dropped files; `over` is true while files are dragged over it. Text
 * boxes handle dragged text themselves.
 */
export function dropHandlers(over: Signal<boolean>, take: (files: Iterable<File>) => void) {
  const claimed = (event: DragEvent): boolean => {
    if (!event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    // Otherwise the notebook would open the file.
    event.stopPropagation();
    return true;
  };
  return {
    onDragOver: (event: DragEvent) => {
      over.value = claimed(event);
    },
    onDragLeave: () => {
      over.value = false;
    },
    onDrop: (event: DragEvent) => {
      over.value = false;
      if (claimed(event)) take(event.dataTransfer?.files ?? []);
    },
  };
}
