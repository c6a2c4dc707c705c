/**
 * Invisible characters that change or hide other text.
 *
 * Controls (C0 but tab and line feed, DEL, C1) and the overrides, embeddings and isolates of Unicode (UAX 9) can make
 * source code or a link read as something else ("Trojan Source", CVE-2021-42574), so they are shown by name. The marks
 * U+061C, U+200E and U+200F are common in Arabic and Hebrew, and only move adjacent punctuation.
 */
const INVISIBLE = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u;
const INVISIBLES = new RegExp(`(${INVISIBLE.source})`, "gu");

/** The name under which a hidden character is shown, e.g. `[U+202E]`. */
function label(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** `text` with every character that hides or reorders text replaced by its name, e.g. `[U+202E]`. */
export function visible(text: string): string {
  return text.replace(INVISIBLES, label);
}

/** Also characters that are valid within other text: zero-width and tag characters, and unusual spaces. */
const HIDDEN = /[^\P{C}\t\n]|[\p{Zl}\p{Zp}\p{DI}\u2800]/gu;

/** `text` of a call that needs approval: every invisible character is replaced by its name. */
export function exposed(text: string): string {
  return text.replace(HIDDEN, label);
}

/** A run of ordinary text, or the name of one hidden character. */
export interface Run {
  text: string;
  hidden: boolean;
}

/** `text` split into ordinary runs and named hidden characters, in order; empty runs are left out. */
export function runs(text: string): Run[] {
  if (!INVISIBLE.test(text)) return text ? [{ text, hidden: false }] : [];
  return text
    .split(INVISIBLES)
    .map((part, i) => (i % 2 ? { text: label(part), hidden: true } : { text: part, hidden: false }))
    .filter((run) => run.text);
}

/** Class of the small glyph that names a hidden character. */
export const HIDDEN_CLASS = "nbs-hidden-char";

/** Appends `text` to `parent`, hidden characters as glyphs; a text node at the end grows. */
export function appendVisible(parent: Element | DocumentFragment, text: string): void {
  for (const run of runs(text)) {
    const last = parent.lastChild;
    if (run.hidden) parent.appendChild(glyph(parent.ownerDocument, run.text));
    else if (last?.nodeType === 3) (last as Text).appendData(run.text);
    else parent.appendChild(parent.ownerDocument.createTextNode(run.text));
  }
}

function glyph(document: Document, name: string): HTMLElement {
  const span = document.createElement("span");
  span.className = HIDDEN_CLASS;
  span.textContent = name;
  return span;
}
