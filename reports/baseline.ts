// What changed since another comparison: cells whose verdict is another, that are new, or that were not run this time. The
// other one may be of other code: that is what it is for. What stays out: runs and bounds, which change with every budget.
import type { Results } from './results.ts';
import { keyOf } from './words.ts';

type Change = NonNullable<Results['baseline']>['changes'][number];

/**
 * @param baseline an earlier comparison; its own baseline does not count
 * @returns `results` with `baseline` filled: changes in the order of its cells, then cells that only the baseline has
 */
export function compareWithBaseline(results: Results, baseline: Results): Results {
  const before = new Map(baseline.cells.map((cell) => [keyOf(cell), cell.verdict]));
  const after = new Set(results.cells.map(keyOf));
  const gone = baseline.cells.filter((cell) => !after.has(keyOf(cell)));
  const changes: readonly Change[] = [
    ...results.cells.map((cell) => {
      const { scenario, strategy, engine, verdict } = cell;
      return { scenario, strategy, engine, before: before.get(keyOf(cell)) ?? null, after: verdict };
    }),
    ...gone.map(({ scenario, strategy, engine, verdict }) => {
      return { scenario, strategy, engine, before: verdict, after: null };
    }),
  ];
  const { at, commit } = baseline.about;
  return { ...results, baseline: { at, commit, changes: changes.filter((change) => change.before !== change.after) } };
}
