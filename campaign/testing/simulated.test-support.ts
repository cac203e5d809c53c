// Ranges without SQLite: what a run gives depends on the seed, the cell and its number alone, as for real ones, and takes no time.
import { createHash } from 'node:crypto';
import type { CellName } from '../../compare/cells.ts';
import { keyOf } from '../../compare/cells.ts';
import { harnessError } from '../../harness/errors/errors.ts';
import type { Recipe } from '../../harness/search/recipe.ts';
import type { RunReport } from '../../harness/search/runner.ts';
import type { Plan } from '../../harness/model/plan.ts';
import { RangeTally } from '../range.ts';
import type { RangeMaker } from '../runs.ts';
import type { Spec } from '../spec.ts';

export const window = 'window';

/** Every tenth run fails, in two ways; every third is in the window; some do what another one did. */
export function simulatedRun(seed: number, cell: CellName, run: number, recipe?: Recipe): RunReport {
  const drawn = recipe === undefined || recipe.changes.length === 0;
  const digest = createHash('sha256')
    .update(
      `${seed} ${keyOf(cell)} ${drawn ? run : JSON.stringify(recipe)}${recipe?.stalled === true ? ' stalled' : ''}`,
    )
    .digest();
  const [a = 0, b = 0, c = 0] = digest;
  const reached = recipe && {
    run,
    recipe,
    draws: { chooser: 10 + (a % 5), workload: 4 },
    features: [a % 32, 32 + b, 0],
  };
  const fails = a < 26;
  const group = b % 2 === 0 ? 'integrity' : 'lost-rows';
  const plan = { scenario: cell.scenario, seed: run } as unknown as Plan;
  return {
    run,
    drawn: run > 0 && drawn,
    fingerprint: `${a}.${b}.${c % 8}`,
    shape: { lanes: 2, points: 10 },
    steps: 100 + b,
    hash: digest.toString('hex'),
    marks: (a + b + c) % 3 === 0 ? [window] : [],
    noticed: { atWork: {} },
    besides: [],
    confirmed: true,
    violations: fails ? [{ invariant: group, message: 'simulated, of a row with a NUL: \0', step: null }] : [],
    plan: fails ? plan : undefined,
    group: fails ? group : undefined,
    ...(reached && { reached }),
    explored: { meetings: [a % 16], order: String(b), pairs: [] },
  };
}

/**
 * @property broken ranges that begin with these numbers cannot be made
 * @property msOfRun real milliseconds that a run takes
 */
export interface Simulation {
  readonly broken?: readonly number[];
  readonly msOfRun?: number;
  readonly onMade?: (cell: CellName, first: number, count: number) => void;
}

export function simulated(
  { seed }: Pick<Spec, 'seed'>,
  { broken = [], msOfRun = 0, onMade }: Simulation = {},
): RangeMaker {
  return {
    make: async (cell, { first, count }, stop, going) => {
      if (broken.includes(first)) throw harnessError('SIMULATED', `Run ${first} cannot be made.`, 'It is meant so.');
      const tally = new RangeTally(first, window, going?.keptOf);
      for (let run = first; run < first + count && !stop(); run++) {
        if (msOfRun > 0) await new Promise((resolve) => setTimeout(resolve, msOfRun));
        tally.add(simulatedRun(seed, cell, run, going?.recipeOf(run)));
      }
      onMade?.(cell, first, tally.count);
      return tally.result(0.001 * count);
    },
    close: () => Promise.resolve(),
  };
}
