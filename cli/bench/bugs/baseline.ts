// A benchmark of known bugs beside an earlier one: schedules now against schedules then, over the bugs, seeds and choosers of both.
// What stays out: the searches (measure.ts).
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { usageError } from '../../../harness/errors/errors.ts';
import { geometricMean, meanRatio } from './figures.ts';
import type { BugSearch } from './measure.ts';

export const bugsFormat = 1;

const earlier = z.object({
  format: z.literal(bugsFormat),
  knownBugs: z.object({
    runsMost: z.int().min(1),
    searches: z
      .array(
        z.object({
          bug: z.string(),
          chooser: z.string(),
          seed: z.int(),
          hit: z.boolean(),
          runs: z.int().min(0),
          seconds: z.number(),
        }),
      )
      .max(1_000_000),
  }),
});

export type Baseline = z.infer<typeof earlier>['knownBugs'];

/** @throws a usage error where there is no such file, or it is no document of `bench --bugs --json` */
export function readBaseline(path: string): Baseline {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
  const read = earlier.safeParse(given);
  if (!read.success) throw unreadable(path, read.error.issues[0]?.message ?? 'it has another shape');
  return read.data.knownBugs;
}

function unreadable(path: string, why: string): Error {
  return usageError(
    'NO_BASELINE',
    `The baseline ${path} is no result of \`lockstep bench --bugs --json\`: ${why}.`,
    'Name a file into which that document was written.',
  );
}

/**
 * @property ratio schedules now against then, geometric mean over bugs, with a bootstrap at 95 %: above 1 is slower
 * @property bugs how many both have
 * @property slower the whole interval is above 1
 */
export interface Change {
  readonly chooser: string;
  readonly bugs: number;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly slower: boolean;
}

/** Misses count as the lower of the two caps on both sides, and so does what took longer. */
export function changesSince(baseline: Baseline, searches: readonly BugSearch[], runsMost: number): readonly Change[] {
  const cap = Math.min(baseline.runsMost, runsMost);
  const costOf = ({ hit, runs }: Pick<BugSearch, 'hit' | 'runs'>): number => (hit ? Math.min(runs, cap) : cap);
  const keyOf = ({ bug, chooser, seed }: Pick<BugSearch, 'bug' | 'chooser' | 'seed'>) => `${bug} ${chooser} ${seed}`;
  const then = new Map(baseline.searches.map((one) => [keyOf(one), costOf(one)]));
  const choosers = [...new Set(searches.map(({ chooser }) => chooser))];
  return choosers.flatMap((chooser): readonly Change[] => {
    const perBug = Map.groupBy(
      searches.filter((one) => one.chooser === chooser && then.has(keyOf(one))),
      ({ bug }) => bug,
    );
    const ratios = [...perBug.values()].map((its) =>
      geometricMean(its.map((one) => costOf(one) / Math.max(1, then.get(keyOf(one)) ?? 1))),
    );
    if (ratios.length === 0) return [];
    const { value, low, high } = meanRatio(ratios);
    return [{ chooser, bugs: ratios.length, ratio: value, low, high, slower: low > 1 }];
  });
}
