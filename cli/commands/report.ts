// lockstep report: merges the results of several machines or shards into one, and writes the page again.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { harnessError, usageError } from '../../harness/errors.ts';
import { type Merged, mergeResults } from '../../reports/merge.ts';
import {
  checkOutputs,
  exitCodeOf,
  type OutputOptions,
  tellResults,
  withOutputs,
  writeOutputs,
} from '../compare/outputs.ts';
import { leadsElsewhere } from '../compare/below.ts';
import { asUsage, readResultsFile } from '../compare/read.ts';
import { Store } from '../compare/store.ts';
import type { AddCommand } from '../main.ts';
import type { Output } from '../output.ts';

/** Plans and evidence of the merged cells go into the new folder, each from beside the document that its cell came from. */
function bringFiles({ results, origins }: Merged, store: Store): void {
  checkFiles({ results, origins });
  results.cells.forEach((cell, i) => {
    for (const file of [cell.plan, cell.full, cell.evidence]) {
      if (file === null) continue;
      const source = join(dirname(origins[i] ?? ''), file);
      const target = store.path(file);
      if (resolve(source) === resolve(target)) continue;
      store.checkInside(file);
      try {
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(source, target);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw harnessError(
          'REPORT_UNWRITABLE',
          `${source} could not be copied to ${store.folder}: ${reason}.`,
          'Make room, or name another folder with --out.',
          error,
        );
      }
    }
  });
}

/** Says before anything is written which file is not beside its document. */
function checkFiles({ results, origins }: Merged): void {
  results.cells.forEach((cell, i) => {
    const origin = origins[i] ?? '';
    const folder = dirname(origin);
    const missing = [cell.plan, cell.full, cell.evidence].find(
      (file) => file !== null && (!existsSync(join(folder, file)) || leadsElsewhere(folder, file)),
    );
    if (missing === undefined) return;
    const what = existsSync(join(folder, missing ?? ''))
      ? 'lies outside of its folder, by a symbolic link'
      : 'is not there';
    throw usageError(
      'REPORT_FILE_MISSING',
      `${origin} names ${missing ?? ''}, which ${what}.`,
      'Keep plans/ and evidence/ beside each results.json.',
    );
  });
}

async function report(output: Output, paths: readonly string[], options: OutputOptions): Promise<number> {
  const documents = paths.map((path) => ({ path, results: readResultsFile(path) }));
  const merged = asUsage(() => mergeResults(documents));
  const baseline = checkOutputs(options);
  const store = new Store(options.out);
  bringFiles(merged, store);
  const results = await writeOutputs(store, merged.results, options, baseline);
  output.result(results);
  if (!output.json) tellResults(output, store, results);
  return exitCodeOf(results, options.reportOnly ?? false);
}

export const reportCommand: AddCommand = (program, act) => {
  const command = program
    .command('report')
    .argument('<results...>', 'one or more results.json of `compare`')
    .description('merges results of several machines or shards, and writes the page and other outputs again');
  withOutputs(command).action(act(report));
};
