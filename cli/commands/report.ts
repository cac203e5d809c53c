// lockstep report: merges the results of several machines or shards into one, and writes the page again.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { usageError } from '../../harness/errors/errors.ts';
import { type Merged, mergeResults } from '../../reports/merge.ts';
import { filesOf } from '../../reports/results.ts';
import { checkOutputs, exitCodeOf, keepEarlier, tellResults, writeOutputs } from '../compare/outputs.ts';
import { leadsElsewhere } from '../../compare/below.ts';
import { asUsage, readResultsFile, textOf } from '../../compare/read.ts';
import { Store } from '../../compare/store.ts';
import { holdFolder } from '../../compare/hold-folder.ts';
import type { Interrupt } from '../interrupt.ts';
import type { ReportOptions } from '../declared/report.ts';
import type { Output } from '../output.ts';

/** Plans and evidence of the merged cells go into the new folder, each from beside the document that its cell came from. */
function bringFiles({ results, origins }: Merged, store: Store): void {
  checkFiles({ results, origins });
  results.cells.forEach((cell, i) => {
    for (const file of filesOf(cell)) {
      const source = join(dirname(origins[i] ?? ''), file);
      const target = store.path(file);
      if (resolve(source) === resolve(target)) continue;
      store.write(file, textOf(source));
    }
  });
}

/** Says before anything is written which file is not beside its document. */
function checkFiles({ results, origins }: Merged): void {
  results.cells.forEach((cell, i) => {
    const origin = origins[i] ?? '';
    const folder = dirname(origin);
    const missing = filesOf(cell).find((file) => !existsSync(join(folder, file)) || leadsElsewhere(folder, file));
    if (missing === undefined) return;
    const what = existsSync(join(folder, missing)) ? 'lies outside of its folder, by a symbolic link' : 'is not there';
    throw usageError(
      'REPORT_FILE_MISSING',
      `${origin} names ${missing}, which ${what}.`,
      'Keep plans/ and evidence/ beside each results.json.',
    );
  });
}

export async function report(
  output: Output,
  interrupt: Interrupt,
  paths: readonly string[],
  options: ReportOptions,
): Promise<number> {
  const read = () => asUsage(() => mergeResults(paths.map((path) => ({ path, results: readResultsFile(path) }))));
  read(); // before a folder is made for what cannot be read
  const baseline = checkOutputs(options, output);
  using held = holdFolder(options.out);
  const merged = read();
  interrupt.check();
  const store = new Store(options.out, held);
  const written = realpathSync(options.out);
  const [only, ...others] = paths;
  const itsOwn = only !== undefined && others.length === 0 && realpathSync(only) === join(written, 'results.json');
  if (!itsOwn) keepEarlier(output, store);
  bringFiles(merged, store);
  const results = await writeOutputs(output, store, merged.results, options, baseline);
  output.result(results);
  tellResults(output, store, results);
  return interrupt.requested ? interrupt.exitCode : exitCodeOf(results, options.reportOnly ?? false);
}
