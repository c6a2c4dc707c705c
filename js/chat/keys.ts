/** Keyboard input in a chat. */

/**
 * Hides a key from the notebook, which would handle it as a command: Enter would run the cell and remove the
 * view. Only Ctrl+S (⌘S) is passed on, or the browser would offer to save the page.
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
