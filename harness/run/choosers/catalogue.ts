// The choosers that make runs by chance or from a plan, by name: data for the runner and the command line. `exhaustive`
// makes all schedules of one plan instead of one run after the other: search/exhaustive.
import type { Random } from '../../model/random.ts';
import type { Chooser } from '../chooser.ts';
import { pctBound, pctChooser } from './pct.ts';
import { spreadChooser, turnsChooser } from './preemptions.ts';
import { replayChooser } from './replay.ts';

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

/**
 * @property preemptions so many in each run; undefined: turns of random length, as many as the run is long for
 * @property depth bug depth for `pct`: how many ordered steps a failure takes
 */
export interface ChooserSettings {
  readonly preemptions?: number;
  readonly depth: number;
}

/** Bugs that need three ordered steps, as the WAL-reset bug does, and fewer. */
export const defaultDepth = 3;

export interface ChooserKind {
  readonly says: string;
  /** Does `make` need to know the shape of a default run? */
  needsShape(settings: ChooserSettings): boolean;
  make(random: Random, settings: ChooserSettings, shape: RunShape): Chooser;
  /** Least probability that one run finds a bug of `settings.depth`, where the chooser promises one. */
  bound?(settings: ChooserSettings, shape: RunShape): number;
}

export const choosers = {
  preemptions: {
    says: 'turns of random, heavy-tailed length; with --preemptions N so many, spread evenly',
    needsShape: ({ preemptions }) => preemptions !== undefined,
    make: (random, { preemptions }, { points }) =>
      preemptions === undefined ? turnsChooser(random) : spreadChooser(random, points, preemptions),
  },
  pct: {
    says: 'random priorities with --depth − 1 changes: finds a bug of that depth with a known probability',
    needsShape: () => true,
    make: (random, { depth }, { points }) => pctChooser(random, { depth, pointsExpected: points }),
    bound: ({ depth }, { lanes, points }) => pctBound({ lanes, points, depth }),
  },
  replay: {
    says: 'the default schedule: a lane goes on until it sleeps, waits or ends',
    needsShape: () => false,
    make: () => replayChooser([]),
  },
} as const satisfies { readonly [name: string]: ChooserKind };

export type RandomChooserName = keyof typeof choosers;

/** All that `--chooser` takes. */
export const chooserNames = ['preemptions', 'pct', 'exhaustive', 'replay'] as const satisfies readonly (
  | RandomChooserName
  | 'exhaustive'
)[];
export type ChooserName = (typeof chooserNames)[number];

/** Those that make one schedule a run. */
export const randomChooserNames = chooserNames.filter((name): name is RandomChooserName => name !== 'exhaustive');
