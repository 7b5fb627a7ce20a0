// Do two samples come from one distribution? Medians for people, the rank sum of Mann and Whitney for the verdict.

export interface Comparison {
  readonly knownMedianUs: number;
  readonly unknownMedianUs: number;
  /** How much longer the median of unknown ones takes. */
  readonly differenceUs: number;
  /** Probability that an unknown one takes longer than a known one: 0.5 tells nothing. */
  readonly advantage: number;
  /** Of the rank sum: beyond 3.29 in either direction once in a thousand runs where there is no difference. */
  readonly z: number;
}

/** Ranks do not care for outliers, of which times have many: pauses of the collector, other processes. */
export function compare(known: readonly number[], unknown: readonly number[]): Comparison {
  const all = [
    ...known.map((us) => ({ us, isUnknown: false })),
    ...unknown.map((us) => ({ us, isUnknown: true })),
  ].sort((a, b) => a.us - b.us);
  let rankSum = 0;
  let tieTerm = 0;
  for (let first = 0; first < all.length; ) {
    let last = first;
    while (all[last + 1]?.us === all[first]?.us) last += 1;
    const rank = (first + last) / 2 + 1;
    const count = last - first + 1;
    tieTerm += count ** 3 - count;
    for (let at = first; at <= last; at += 1) if (all[at]?.isUnknown) rankSum += rank;
    first = last + 1;
  }
  const [m, n, total] = [unknown.length, known.length, all.length];
  const u = rankSum - (m * (m + 1)) / 2;
  const variance = ((m * n) / 12) * (total + 1 - tieTerm / (total * (total - 1)));
  const knownMedianUs = median(known);
  const unknownMedianUs = median(unknown);
  return {
    knownMedianUs,
    unknownMedianUs,
    differenceUs: unknownMedianUs - knownMedianUs,
    advantage: u / (m * n),
    z: variance > 0 ? (u - (m * n) / 2) / Math.sqrt(variance) : 0,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
