// What may be said of runs: the one place that decides. A run counts towards a pass when something of it was drawn at
// random, and when it did something that no run before it had done (judge/fingerprint.ts): replays, shipped plans and
// repetitions are memory, and stand beside it. Of those that count, the ones in the scenario's window bound the failure
// rate; a bound that is too wide is no pass, and neither is silence. What stays out: making runs, and words.

/**
 * fail: an invariant was violated, and the plan that does it is known · pass: none was, in enough runs in the window, or
 * in all schedules that there are · inconclusive: none was, but that is not enough to show anything · error: the harness
 * failed, which is no pass
 */
export type Verdict = 'fail' | 'pass' | 'inconclusive' | 'error';

/** Exit code of each verdict (design.md, command line). */
export const exitCodes: { readonly [verdict in Verdict]: number } = { pass: 0, fail: 1, inconclusive: 3, error: 4 };

/** Failure rate of a run in the window that a pass rules out, at 95 % confidence. */
export const defaultBound = 0.05;

/** Wider bounds rule out so little that nobody should call it a pass. */
export const boundMost = 0.2;

const confidence = 0.95;

/**
 * 95 % upper bound on the failure rate after `runs` independent runs without a failure: exact (Clopper and Pearson
 * 1934, one-sided), which for many runs is the rule of three, 3/n.
 *
 * @returns a probability; null without runs
 */
export function upperBound(runs: number): number | null {
  return runs === 0 ? null : 1 - (1 - confidence) ** (1 / runs);
}

/**
 * 95 % upper bound on how often something happens that `happened` of `runs` independent runs did (Clopper and Pearson 1934, one-sided).
 *
 * @returns a probability, 1 where it happened in all; null without runs
 */
export function upperBoundOf(happened: number, runs: number): number | null {
  if (runs === 0 || happened === 0) return upperBound(runs);
  if (happened >= runs) return 1;
  let [low, high] = [happened / runs, 1];
  for (let i = 0; i < 60; i++) {
    const rate = (low + high) / 2;
    if (atMost(happened, runs, rate) > 1 - confidence) low = rate;
    else high = rate;
  }
  return high;
}

/** The probability that it happens in no more than `most` of `runs`. */
function atMost(most: number, runs: number, rate: number): number {
  let logChoose = 0;
  let sum = 0;
  for (let k = 0; k <= most; k++) {
    sum += Math.exp(logChoose + k * Math.log(rate) + (runs - k) * Math.log1p(-rate));
    logChoose += Math.log((runs - k) / (k + 1));
  }
  return sum;
}

/**
 * How many runs without a failure it takes until {@link upperBound} is at most `bound`: 59 for 5 %.
 *
 * @param bound a probability; for one that no number of runs gets to, 0 or less, infinitely many
 */
export function runsNeeded(bound: number): number {
  if (!(bound > 0)) return Infinity;
  const about = Math.max(1, Math.floor(Math.log(1 - confidence) / Math.log1p(-Math.min(bound, confidence))));
  return [about, about + 1].find((runs) => (upperBound(runs) ?? 1) <= bound) ?? about + 2; // the division is not exact
}

/**
 * What is known when a verdict is asked for.
 *
 * @property failed an invariant was violated
 * @property broken the harness failed: nothing is known
 * @property drawnInWindow distinct runs, drawn at random, that reached the window
 * @property bound that a pass must keep to; default {@link defaultBound}
 * @property exhausted all that there is to try was tried, and so many runs of it reached the window
 */
export interface Evidence {
  readonly failed: boolean;
  readonly broken?: boolean;
  readonly drawnInWindow?: number;
  readonly bound?: number | undefined;
  readonly exhausted?: { readonly complete: boolean; readonly inWindow: number };
}

export function verdictOf({ failed, broken = false, drawnInWindow = 0, bound, exhausted }: Evidence): Verdict {
  if (broken) return 'error';
  if (failed) return 'fail';
  if (exhausted?.complete === true && exhausted.inWindow > 0) return 'pass';
  return missingRuns(drawnInWindow, bound) === 0 ? 'pass' : 'inconclusive';
}

/** How many more runs in the window a pass needs; 0 when there are enough. */
export function missingRuns(drawnInWindow: number, bound = defaultBound): number {
  return Math.max(0, runsNeeded(bound) - drawnInWindow);
}

/**
 * Runs of a search, counted.
 *
 * @property runs that were made by it
 * @property repeats of these, those that count for nothing: they did what an earlier one had done, or nothing of them
 *   was drawn
 * @property reached of the others, those that reached the window
 */
export interface RunCounts {
  readonly runs: number;
  readonly repeats: number;
  readonly reached: number;
}

/**
 * The bounds that stand beside a pass, both null beside any other verdict.
 *
 * @property upperBound on the failure rate of a run in the window: the one that decides
 * @property upperBoundAllRuns on that of any run of the search
 */
export interface Bounds {
  readonly upperBound: number | null;
  readonly upperBoundAllRuns: number | null;
}

export function boundsOf(verdict: Verdict, { runs, repeats, reached }: RunCounts): Bounds {
  if (verdict !== 'pass') return { upperBound: null, upperBoundAllRuns: null };
  return { upperBound: upperBound(reached), upperBoundAllRuns: upperBound(runs - repeats) };
}

/** @property missing runs in the window that a pass would have taken beside these; 0 unless inconclusive */
export interface Judged extends Bounds {
  readonly verdict: Verdict;
  readonly missing: number;
}

/** What the runs of a search come to. */
export function judgeRuns(counts: RunCounts, known: Pick<Evidence, 'failed' | 'broken' | 'bound'>): Judged {
  const verdict = verdictOf({ ...known, drawnInWindow: counts.reached });
  const missing = verdict === 'inconclusive' ? missingRuns(counts.reached, known.bound) : 0;
  return { verdict, missing, ...boundsOf(verdict, counts) };
}

/**
 * Runs of several searches as one. What one of them has done another may have done too, and nobody has compared: where
 * any repeated itself, its draws are few, and the larger part stands for all.
 */
export function sumOfRuns(parts: readonly RunCounts[]): RunCounts {
  const sum = (of: (part: RunCounts) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const runs = sum((part) => part.runs);
  if (parts.filter((part) => part.runs > 0).length < 2 || parts.every(({ repeats }) => repeats === 0))
    return { runs, repeats: sum(({ repeats }) => repeats), reached: sum(({ reached }) => reached) };
  const distinct = Math.max(...parts.map((part) => part.runs - part.repeats));
  return { runs, repeats: runs - distinct, reached: Math.max(...parts.map(({ reached }) => reached)) };
}
