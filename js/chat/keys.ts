/** Keys that are pressed in a chat. */

/**
 * Keeps a key from the notebook, which would take it for a command: Enter runs the cell and throws the view away.
 * Only Ctrl+S (⌘S) is handed on, or the browser would offer to save the page.
 */
export function keepKey(event: KeyboardEvent): void {
  event.stopPropagation();
  const { currentTarget, key, keyCode, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (key !== "s" || ctrlKey === metaKey || altKey || shiftKey) return;
  // From outside of the element that shortcuts are suppressed in.
  const outside = currentTarget instanceof Element ? currentTarget.parentElement : null;
  const same = { key, keyCode, code: event.code, ctrlKey, metaKey, bubbles: true, cancelable: true };
  if (outside?.dispatchEvent(new KeyboardEvent("keydown", same)) === false) event.preventDefault();
}
