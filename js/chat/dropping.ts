/** Files that are dragged onto a chat. */

import type { Signal } from "@preact/signals";

/**
 * Handlers that make an element take dropped files; `over` is true while some hang over it. Dragged text is
 * left to the text boxes.
 */
export function dropHandlers(over: Signal<boolean>, take: (files: Iterable<File>) => void) {
  const claimed = (event: DragEvent): boolean => {
    if (!event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    // The notebook would open the file.
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
