/** Values of a notebook, which may come from anywhere: each is of the type that is asked for, or nothing. */

export type Fields = Record<string, unknown>;

export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/**
 * Counts and times are never negative; JSON has no infinity, but a page script might.
 *
 * @param most the largest that makes sense where it is asked for; a larger one counts as none
 */
export function number(value: unknown, most = Number.MAX_SAFE_INTEGER): number | null {
  return typeof value === "number" && value >= 0 && value <= most ? value : null;
}
