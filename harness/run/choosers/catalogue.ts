// The choosers that make runs by chance or from a plan, by name: data for the runner and the command line. `exhaustive`
// makes all schedules of one plan instead of one run after the other: search/exhaustive. What stays out: the bare names (names.ts).
import type { Random } from '../../model/random.ts';
import type { StepSink } from '../../model/step.ts';
import type { Chooser } from '../chooser.ts';
import { type BaseChooserName, defaultOver, type RandomChooserName } from './names.ts';
import { pctBound, pctChooser } from './pct.ts';
import { spreadChooser, turnsChooser } from './preemptions.ts';
import { posChooser } from './pos.ts';
import { replayChooser } from './replay.ts';
import type { Site } from './sites.ts';
import { ActsChooser } from './acts.ts';
import { SurwChooser } from './surw.ts';

/**
 * What a run with the default schedule passes: what choosers spread their decisions over.
 *
 * @property lanes how many there were
 * @property points switch points
 */
export interface RunShape {
  readonly lanes: number;
  readonly points: number;
}

/** What a dry run under the default schedule shows, beside its shape. */
export interface DryRun extends RunShape {
  readonly sites: readonly Site[];
}

/**
 * @property preemptions so many in each run; undefined: turns of random length, as many as the run is long for
 * @property depth bug depth for `pct`: how many ordered steps a failure takes
 */
export interface ChooserSettings {
  readonly preemptions?: number;
  readonly depth: number;
}

export interface ChooserKind {
  readonly says: string;
  /** Which run under the default schedule `make` needs to know: one of run 0's plan for all runs, one of the very plan that it makes a schedule of, or none. */
  dryRun(settings: ChooserSettings): 'none' | 'shared' | 'own';
  make(random: Random, settings: ChooserSettings, dry: DryRun): Chooser & Partial<StepSink>;
  /** Least probability that one run finds a bug of `settings.depth`, where the chooser promises one. */
  bound?(settings: ChooserSettings, shape: RunShape): number;
}

export const choosers = {
  preemptions: {
    says: 'turns of random, heavy-tailed length; with --preemptions N so many, spread evenly',
    dryRun: ({ preemptions }) => (preemptions === undefined ? 'none' : 'shared'),
    make: (random, { preemptions }, { points }) =>
      preemptions === undefined ? turnsChooser(random) : spreadChooser(random, points, preemptions),
  },
  pct: {
    says: 'random priorities with --depth − 1 changes: finds a bug of that depth with a known probability',
    dryRun: () => 'shared',
    make: (random, { depth }, { points }) => pctChooser(random, { depth, pointsExpected: points }),
    bound: ({ depth }, { lanes, points }) => pctBound({ lanes, points, depth }),
  },
  surw: {
    says: 'each order of the steps on a few resources, drawn for each run, about as likely as any other; free between them',
    dryRun: () => 'own',
    make: (random, _, { sites }) => new SurwChooser(random, sites),
  },
  pos: {
    says: 'random priorities of steps, drawn anew for those that race with the one just taken',
    dryRun: () => 'none',
    make: (random) => posChooser(random),
  },
  acts: {
    says: 'turns of whole transactions and other acts of programs, some ended where a part of one begins',
    dryRun: () => 'none',
    make: (random) => new ActsChooser(random),
  },
  replay: {
    says: 'the default schedule: a lane goes on until it sleeps, waits or ends',
    dryRun: () => 'none',
    make: () => replayChooser([]),
  },
} as const satisfies { readonly [name in BaseChooserName]: ChooserKind };

/**
 * Choosers that take turns, run by run: shares by how many runs of each found the bugs of `lockstep bench --bugs` (docs/searching.md has the
 * figures). `acts` is ahead, and sees only places that somebody has thought of: so now and then another one has its turn; and when its runs
 * show hardly anything new any more, all have as many. Run 0 keeps to the default schedule, whoever's turn it is.
 */
const portfolioTurns = {
  usual: 'acts',
  others: ['pos', 'preemptions'],
  every: 8,
  stalled: ['acts', 'pos', 'preemptions', 'surw', 'pct'],
} as const satisfies {
  readonly usual: BaseChooserName;
  readonly others: readonly BaseChooserName[];
  readonly every: number;
  readonly stalled: readonly BaseChooserName[];
};

/** @property over the chooser whose draws `feedback` replaces */
export interface ChooserGiven {
  readonly chooser: RandomChooserName;
  readonly over?: BaseChooserName | undefined;
}

/**
 * Who makes the schedule of run `run`.
 *
 * @param stalled have the runs before it stopped to show new meetings?
 */
export function baseChooserOf(
  { chooser, over = defaultOver }: ChooserGiven,
  run: number,
  stalled = false,
): BaseChooserName {
  if (chooser === 'feedback') return over;
  if (chooser !== 'portfolio') return chooser;
  const { usual, others, every, stalled: all } = portfolioTurns;
  if (stalled) return all[run % all.length] ?? usual;
  if (run % every !== every - 1) return usual;
  return others[Math.floor(run / every) % others.length] ?? usual;
}
