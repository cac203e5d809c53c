// Going on with a comparison: what its folder holds already, or why that cannot be gone on with. What stays out: the cells.
import { usageError } from '../harness/errors/errors.ts';
import { readResults } from '../reports/read-results.ts';
import type { About, Results } from '../reports/results.ts';
import { asUsage } from './read.ts';
import { resultsFile, type Store } from './store.ts';

const beginAnew = 'Give the same command without --resume to begin anew, or name another folder with --out.';

/** What must be the same, and what a person calls it. */
const same: readonly (readonly [string, (about: About) => unknown])[] = [
  ['the version of Lockstep', ({ version }) => version],
  ['the code (harness, src or scenarios changed)', ({ code }) => code],
  ['--scenarios', ({ scenarios }) => scenarios.map(({ name }) => name)],
  ['--strategies', ({ strategies }) => strategies.map(({ name }) => name)],
  ['--engines', ({ engines }) => engines],
  ['--seed', ({ seed }) => seed],
  ['--chooser', ({ chooser }) => chooser],
  ['--runs or --time', ({ budget }) => budget],
  ['--bound', ({ bound }) => bound],
  ['--short', ({ short }) => short],
  ['--shard', ({ shard }) => shard],
  ['the platform', ({ platform }) => platform],
];

/**
 * What a comparison begins with. Where `resume` is not asked for, nothing: then {@link Store.setAside} keeps what is there.
 *
 * @param ablated the strategy that is taken apart, where one is
 * @param resume go on with what is there: cells that are done, without those in which the harness failed, and those that were cut short
 * @returns undefined to begin anew
 * @throws a usage error when what is there is of another comparison, or no result document
 */
export function resumed(store: Store, about: About, ablated: string | undefined, resume: boolean): Results | undefined {
  if (!resume) return undefined;
  const text = store.resultsText();
  const path = store.path(resultsFile);
  if (text === undefined) return undefined;
  const earlier = asUsage(() => readResults(text, path), beginAnew);
  const others = same.filter(([, of]) => JSON.stringify(of(earlier.about)) !== JSON.stringify(of(about)));
  const what = [...others.map(([name]) => name), ...(earlier.ablation?.strategy === ablated ? [] : ['--ablate'])];
  if (what.length > 0) {
    throw usageError(
      'RESUME_OTHER',
      `${path} is of another comparison: ${what.join(', ')} differ.`,
      'Give the same options and code as then, or another folder with --out.',
    );
  }
  return { ...earlier, cells: earlier.cells.filter(({ verdict, cut }) => verdict !== 'error' && !cut) };
}
