/** Medians with intervals that assume nothing of how the values are distributed. */

export interface Median {
  value: number;
  /** Its 95 % interval; null for fewer than six values, of which none can be that sure. */
  interval: readonly [low: number, high: number] | null;
  n: number;
}

/** Probability that the median is below the interval, and that it is above. */
const TAIL = 0.025;

/** Null for no values. */
export function medianOf(values: readonly number[]): Median | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((one, other) => one - other);
  const n = sorted.length;
  const at = (index: number) => sorted[index] as number;
  const outside = valuesOutside(n);
  return {
    value: (at(Math.floor((n - 1) / 2)) + at(Math.floor(n / 2))) / 2,
    interval: outside > 0 ? [at(outside - 1), at(n - outside)] : null,
    n,
  };
}

/**
 * The interval goes from the k-th smallest to the k-th largest value: k is the most for which the binomial
 * distribution of the number of values below the median allows it.
 */
function valuesOutside(n: number): number {
  let logTerm = n * Math.log(0.5);
  let below = 0;
  for (let k = 0; k < n; k += 1) {
    below += Math.exp(logTerm);
    if (below > TAIL) return k;
    logTerm += Math.log((n - k) / (k + 1));
  }
  return 0;
}
