/**
 * Puts `text` on the clipboard; resolves to whether that worked.
 *
 * A notebook served over plain http has no Clipboard API, so the older `document.execCommand` is used.
 */
export async function copyText(text: string, document: Document): Promise<boolean> {
  try {
    await (document.defaultView ?? window).navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, document);
  }
}

function copyBySelection(text: string, document: Document): boolean {
  const focused = document.activeElement as HTMLElement | null;
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("aria-hidden", "true");
  area.style.cssText = "position:fixed;opacity:0";
  document.body.appendChild(area).select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}
