/** How a page shows the kinds of notices; `tests/fixtures/notices.json` lists all of them. */

/** Kinds that are not problems: which model server was found. */
const HARMLESS = new Set(["found"]);

/** Kinds that state that an answer is not complete. */
const INCOMPLETE = new Set(["interrupted", "unfinished"]);

/** Whether a notice is marked as a warning. */
export function isWarning(kind: string): boolean {
  return !HARMLESS.has(kind);
}

/** Whether a notice states that the answer is not complete. */
export function isIncomplete(kind: string): boolean {
  return INCOMPLETE.has(kind);
}
