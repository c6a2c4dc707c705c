/**
 * Values of a notebook, which may be from an untrusted source: each has the requested type or is left out.
 */

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
 * @param most the largest sensible value; a larger one is ignored
 */
export function number(value: unknown, most = Number.MAX_SAFE_INTEGER): number | null {
  return typeof value === "number" && value >= 0 && value <= most ? value : null;
}
