// Going on with a comparison: what its folder holds already, or why that cannot be gone on with. What stays out: the cells.
import { usageError } from '../../harness/errors.ts';
import { readResults } from '../../reports/read-results.ts';
import type { About, Results } from '../../reports/results.ts';
import { asUsage } from './read.ts';
import { resultsFile, type Store } from './store.ts';

/** What must be the same, and what a person calls it. */
const same: readonly (readonly [string, (about: About) => unknown])[] = [
  ['the version of Lockstep', ({ version }) => version],
  ['the code (harness, src or scenarios changed)', ({ code }) => code],
  ['--seed', ({ seed }) => seed],
  ['--chooser', ({ chooser }) => chooser],
  ['--runs or --time', ({ budget }) => budget],
  ['--short', ({ short }) => short],
  ['--shard', ({ shard }) => shard],
  ['the platform', ({ platform }) => platform],
];

/**
 * What a comparison begins with.
 *
 * @param resume go on with what is there: cells that are done, without those in which the harness failed
 * @returns undefined to begin anew
 * @throws a usage error when something is there and `resume` was not asked for, or when it is of another comparison
 */
export function resumed(store: Store, about: About, resume: boolean): Results | undefined {
  const text = store.resultsText();
  const path = store.path(resultsFile);
  if (text === undefined || !resume) return undefined;
  const earlier = asUsage(() => readResults(text, path));
  const others = same.filter(([, of]) => JSON.stringify(of(earlier.about)) !== JSON.stringify(of(about)));
  if (others.length > 0) {
    throw usageError(
      'RESUME_OTHER',
      `${path} is of another comparison: ${others.map(([what]) => what).join(', ')} differ.`,
      'Give the same options and code as then, or another folder with --out.',
    );
  }
  return { ...earlier, cells: earlier.cells.filter(({ verdict }) => verdict !== 'error') };
}
