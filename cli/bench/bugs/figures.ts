// What searches for known bugs say of choosers, pure functions. A miss counts as the most runs that a search makes, so ratios are rough
// where there are many. What stays out: the searches (measure.ts).
import { quantileRanks } from './quantile-ranks.ts';
import type { BugSearch } from './measure.ts';
import { medianTime } from '../statistics.ts';
import { stream } from '../../../harness/model/random.ts';

/**
 * One chooser on one bug.
 *
 * @property medianRuns null where fewer than half of the seeds hit
 * @property runsLow, runsHigh bounds of the median at 95 % confidence or more, by order statistics; null for none: too few seeds, or misses
 * @property meanRuns geometric mean over seeds, a miss as the cap
 * @property medianSeconds as `medianRuns`
 */
export interface BugFigures {
  readonly bug: string;
  readonly chooser: string;
  readonly hits: number;
  readonly misses: number;
  readonly medianRuns: number | null;
  readonly runsLow: number | null;
  readonly runsHigh: number | null;
  readonly meanRuns: number;
  readonly medianSeconds: number | null;
}

/** How many times the schedules of the one another needs, geometric mean over bugs, with a bootstrap over bugs at 95 %. */
export interface Ratio {
  readonly than: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * One chooser on all bugs.
 *
 * @property found bugs that at least one seed hit
 * @property always bugs that every seed hit
 * @property wins bugs for which none has a lower geometric mean
 * @property against schedules that each other chooser needs, times this one's
 * @property curve bugs found, summed over seeds and divided by their number, after so many schedules: `[schedules, bugs]`
 */
export interface ChooserFigures {
  readonly chooser: string;
  readonly found: number;
  readonly always: number;
  readonly wins: number;
  readonly meanRuns: number;
  readonly seconds: number;
  readonly against: readonly Ratio[];
  readonly curve: readonly (readonly [number, number])[];
}

export interface Figures {
  readonly bugs: readonly BugFigures[];
  readonly choosers: readonly ChooserFigures[];
}

export function geometricMean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length);
}

/** @param runsMost what a miss counts as */
export function figuresOf(searches: readonly BugSearch[], runsMost: number): Figures {
  const names = unique(searches.map(({ chooser }) => chooser));
  const bugNames = unique(searches.map(({ bug }) => bug));
  const bugs = bugNames.flatMap((bug) =>
    names.flatMap((chooser) => {
      const its = searches.filter((one) => one.bug === bug && one.chooser === chooser);
      return its.length === 0 ? [] : [bugFigures(bug, chooser, its, runsMost)];
    }),
  );
  return { bugs, choosers: names.map((name) => chooserFigures(name, names, bugs, searches)) };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function bugFigures(bug: string, chooser: string, searches: readonly BugSearch[], runsMost: number): BugFigures {
  const hits = searches.filter(({ hit }) => hit).length;
  const medianOf = (of: (one: BugSearch) => number): number | null => {
    const median = medianTime(searches.map((one) => ({ seconds: of(one), hit: one.hit })));
    return 'seconds' in median ? median.seconds : null;
  };
  const sorted = searches.map(({ hit, runs }) => (hit ? runs : Infinity)).toSorted((a, b) => a - b);
  const ranks = quantileRanks(sorted.length);
  const at = (rank: number | undefined): number | null => {
    const runs = rank === undefined ? undefined : sorted[rank];
    return runs === undefined || runs === Infinity ? null : runs;
  };
  return {
    bug,
    chooser,
    hits,
    misses: searches.length - hits,
    medianRuns: medianOf(({ runs }) => runs),
    runsLow: at(ranks?.low),
    runsHigh: at(ranks?.high),
    meanRuns: geometricMean(searches.map(({ hit, runs }) => (hit ? runs : runsMost))),
    medianSeconds: medianOf(({ seconds }) => seconds),
  };
}

function chooserFigures(
  chooser: string,
  names: readonly string[],
  bugs: readonly BugFigures[],
  searches: readonly BugSearch[],
): ChooserFigures {
  const own = bugs.filter((one) => one.chooser === chooser);
  const isBest = ({ bug, meanRuns, hits }: BugFigures): boolean =>
    hits > 0 && bugs.every((one) => one.bug !== bug || one.meanRuns >= meanRuns);
  const its = searches.filter((one) => one.chooser === chooser);
  return {
    chooser,
    found: own.filter(({ hits }) => hits > 0).length,
    always: own.filter(({ misses }) => misses === 0).length,
    wins: own.filter(isBest).length,
    meanRuns: geometricMean(own.map(({ meanRuns }) => meanRuns)),
    seconds: its.reduce((sum, { seconds }) => sum + seconds, 0),
    against: names.flatMap((than) => (than === chooser ? [] : (ratioOf(chooser, than, bugs) ?? []))),
    curve: curveOf(its),
  };
}

function ratioOf(chooser: string, than: string, bugs: readonly BugFigures[]): Ratio | undefined {
  const ratios = bugs.flatMap(({ bug, chooser: name, meanRuns }) => {
    const other = bugs.find((one) => one.bug === bug && one.chooser === than);
    return name === chooser && other !== undefined ? [other.meanRuns / meanRuns] : [];
  });
  return ratios.length === 0 ? undefined : { than, ...meanRatio(ratios) };
}

const resamples = 2000;

/** Geometric mean of ratios, with the 2.5 and 97.5 % quantiles of a bootstrap (Efron 1979) that gives the same each time. */
export function meanRatio(ratios: readonly number[]): Omit<Ratio, 'than'> {
  const random = stream('costs', ratios.length, 0);
  const draw = () => ratios.map(() => ratios[Math.floor(random() * ratios.length)] ?? 1);
  const means = Array.from({ length: resamples }, () => geometricMean(draw())).toSorted((a, b) => a - b);
  const at = (share: number) => means[Math.floor(share * (means.length - 1))] ?? NaN;
  return { value: geometricMean(ratios), low: at(0.025), high: at(0.975) };
}

function curveOf(searches: readonly BugSearch[]): readonly (readonly [number, number])[] {
  const seeds = new Set(searches.map(({ seed }) => seed)).size;
  const hits = searches.flatMap(({ hit, runs }) => (hit ? [runs] : [])).toSorted((a, b) => a - b);
  const points = new Map<number, number>();
  for (const [i, runs] of hits.entries()) points.set(runs, (i + 1) / seeds);
  return [...points];
}
