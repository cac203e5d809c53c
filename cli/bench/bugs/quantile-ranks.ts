// Which of n sorted measurements bound their median: order statistics, for any distribution. What stays out: medians themselves.

/**
 * The narrowest pair of ranks between which the true median lies with at least 95 % probability.
 *
 * @returns from 0 on; undefined for fewer than 6 measurements, of which no two do
 */
export function quantileRanks(count: number): { readonly low: number; readonly high: number } | undefined {
  // P(fewer than k of n fair coins show heads)
  let below = 0;
  let chance = 0.5 ** count;
  let low: number | undefined;
  for (let k = 0; k < count / 2; k++) {
    below += chance;
    if (below > 0.025) break;
    low = k;
    chance *= (count - k) / (k + 1);
  }
  return low === undefined ? undefined : { low, high: count - 1 - low };
}
