// The statistics of times to a hit, pure functions: medians where some searches found nothing in time, and intervals for
// rates out of counted hits. What stays out: where the times come from (measure.ts).

/** Of measurements that are all complete: the upper of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** @property hit false when the search ended at `seconds` without one: the hit would have come later (censored) */
export interface TimeToHit {
  readonly seconds: number;
  readonly hit: boolean;
}

/** A time, or a time that it is certainly not below. */
export type Median = { readonly seconds: number } | { readonly atLeast: number };

/**
 * The median by Kaplan and Meier (1958): a search without a hit counts as still searching for as long as it went on, and is
 * never left out.
 *
 * @param times at least one
 * @returns `atLeast` where fewer than half are known to have hit: the last time for which that is sure
 */
export function medianTime(times: readonly TimeToHit[]): Median {
  // Of a hit and a censored time that are equal, the hit came first.
  const sorted = times.toSorted((a, b) => a.seconds - b.seconds || Number(b.hit) - Number(a.hit));
  let searching = 1;
  let halfAt: number | undefined;
  for (const [i, { seconds, hit }] of sorted.entries()) {
    if (!hit) continue;
    if (halfAt !== undefined) return { seconds: (halfAt + seconds) / 2 };
    searching *= 1 - 1 / (sorted.length - i);
    if (Math.abs(searching - 0.5) < 1e-9) halfAt = seconds;
    else if (searching < 0.5) return { seconds };
  }
  return { atLeast: halfAt ?? sorted.at(-1)?.seconds ?? 0 };
}

/**
 * Seconds a hit: the maximum-likelihood mean of an exponential time, in which censored searches count with the time that they
 * took.
 *
 * @returns null without a hit
 */
export function meanTime(times: readonly TimeToHit[]): number | null {
  const hits = times.filter(({ hit }) => hit).length;
  return hits === 0 ? null : sumOf(times) / hits;
}

function sumOf(times: readonly TimeToHit[]): number {
  return times.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Hits that came by chance, one after the other, in so many seconds. */
export interface Counted {
  readonly hits: number;
  readonly seconds: number;
}

export function counted(times: readonly TimeToHit[]): Counted {
  return { hits: times.filter(({ hit }) => hit).length, seconds: sumOf(times) };
}

/**
 * A figure and its bounds at 95 % confidence.
 *
 * @property value null where nothing was seen that it could be computed from; `low` is a one-sided bound then
 * @property high null for none
 */
export interface Estimate {
  readonly value: number | null;
  readonly low: number;
  readonly high: number | null;
}

/** Each tail of a two-sided interval, and the one tail of a bound. */
const tails = { two: 0.025, one: 0.05 } as const;

/**
 * Seconds a hit, with the exact interval of a Poisson count (Garwood 1936).
 *
 * @returns without a hit: at least −ln 0.05 = 3.0 times less than the time, one-sided
 */
export function secondsPerHit({ hits, seconds }: Counted): Estimate {
  const mostHits = poissonMean(hits, hits === 0 ? tails.one : tails.two);
  if (hits === 0) return { value: null, low: seconds / mostHits, high: null };
  const fewestHits = poissonMean(hits - 1, 1 - tails.two);
  return { value: seconds / hits, low: seconds / mostHits, high: seconds / fewestHits };
}

/**
 * How many times faster one hits than the other: the ratio of two rates, with the exact interval that follows from the
 * binomial distribution of the one's share in all hits (Przyborowski and Wilenski 1940; Clopper and Pearson 1934).
 *
 * @param fast with at least one hit, else nothing is said (null)
 */
export function timesFaster(fast: Counted, slow: Counted): Estimate | null {
  if (fast.hits === 0 || slow.seconds === 0) return null;
  const all = fast.hits + slow.hits;
  const perShare = (share: number) => (share / (1 - share)) * (slow.seconds / fast.seconds);
  if (slow.hits === 0) return { value: null, low: perShare(shareAtLeast(fast.hits, all, tails.one)), high: null };
  return {
    value: slow.seconds / slow.hits / (fast.seconds / fast.hits),
    low: perShare(shareAtLeast(fast.hits, all, tails.two)),
    high: perShare(1 - shareAtLeast(slow.hits, all, tails.two)),
  };
}

/** The mean of a Poisson distribution that gives at most `count` with this probability. */
function poissonMean(count: number, probability: number): number {
  return solve((mean) => poissonAtMost(count, mean) > probability, 0, 2 * count + 20);
}

function poissonAtMost(count: number, mean: number): number {
  let sum = 0;
  for (let k = 0, log = -mean; k <= count; k++, log += Math.log(mean / k)) sum += Math.exp(log);
  return sum;
}

/** Lower bound of Clopper and Pearson on the share of `hits` in `all`. */
function shareAtLeast(hits: number, all: number, tail: number): number {
  return solve((share) => binomialAtLeast(hits, all, share) < tail, 0, 1);
}

function binomialAtLeast(hits: number, all: number, share: number): number {
  let sum = 0;
  let logChoose = 0;
  for (let k = 0; k <= all; k++) {
    if (k > 0) logChoose += Math.log((all - k + 1) / k);
    if (k >= hits) sum += Math.exp(logChoose + k * Math.log(share) + (all - k) * Math.log1p(-share));
  }
  return sum;
}

/** Where `below` turns from true to false, between two numbers. */
function solve(below: (x: number) => boolean, least: number, most: number): number {
  let [low, high] = [least, most];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
