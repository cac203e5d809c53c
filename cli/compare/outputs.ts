// What becomes of a result document beside itself: the page, and on request JUnit XML, Markdown and GitHub annotations. Shared
// by `compare` and `report`. What stays out: what is in them (reports/).
import { dirname, resolve } from 'node:path';
import { harnessError, usageError } from '../../harness/errors/errors.ts';
import { exitCodes, type Verdict } from '../../harness/model/verdict.ts';
import { checkWritable } from '../../harness/search/plan-file.ts';
import { machineLimit } from '../../harness/errors/machine-limits.ts';
import { writeWhole } from '../../harness/host/write-whole.ts';
import { powerTable } from '../../reports/power-words.ts';
import { answerOf } from '../../reports/answer.ts';
import { annotations } from '../../reports/annotations.ts';
import { compareWithBaseline } from '../../reports/baseline.ts';
import { junit } from '../../reports/junit.ts';
import { markdown } from '../../reports/markdown.ts';
import { renderReport } from '../../reports/render.ts';
import type { Results } from '../../reports/results.ts';
import type { OutputOptions } from '../declared/outputs.ts';
import type { Output } from '../output.ts';
import { verdictWord } from '../words.ts';
import { leadsElsewhere } from '../../compare/below.ts';
import { readResultsFile, textOf } from '../../compare/read.ts';
import { pageFile, resultsFile, type Store } from '../../compare/store.ts';

/** Refuses, before hours of work, what could not be written or read at its end. */
export function checkOutputs(options: OutputOptions, { json }: Output): Results | undefined {
  const { out, baseline, junit: xml, markdown: summary } = options;
  if (options.github === true && json) {
    throw usageError(
      'GITHUB_AND_JSON',
      'With --json standard output is one JSON document, so annotations cannot stand there too.',
      'Leave one out, or use `lockstep report --github` afterwards.',
    );
  }
  checkWritable(out);
  if (xml !== undefined) checkWritable(dirname(resolve(xml)), 'Name another file with --junit.');
  if (summary !== undefined) checkWritable(dirname(resolve(summary)), 'Name another file with --markdown.');
  return baseline === undefined ? undefined : readResultsFile(baseline);
}

/** Keeps what an earlier comparison has left in the folder, and says where. */
export function keepEarlier(output: Output, store: Store): void {
  const folder = store.setAside();
  if (folder !== undefined) output.progress(`the earlier comparison in ${store.folder} is kept in ${folder}`);
}

/** The evidence of all failing cells, by the path that the results name; what cannot be read is left out. */
function evidenceOf(results: Results, store: Store): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { evidence } of results.cells) {
    if (evidence === null || leadsElsewhere(store.folder, evidence)) continue;
    try {
      texts.set(evidence, textOf(store.path(evidence)));
    } catch {
      // The page says that this cell's evidence is missing.
    }
  }
  return texts;
}

/** The page. The results are written already: where the page cannot be made, they are not lost. */
async function pageOf(results: Results, store: Store): Promise<string> {
  try {
    return await renderReport(results, evidenceOf(results, store));
  } catch (error) {
    // The bundler says in words of its own what the machine would not give it.
    const said = error instanceof Error ? error.message : String(error);
    throw (
      machineLimit(said, 'The page could not be made') ??
      harnessError(
        'PAGE_FAILED',
        `The page could not be made: ${said.split('\n')[0] ?? ''}.`,
        `The results are in ${store.path(resultsFile)}: \`npx lockstep report\` makes the page of them again.`,
        error,
      )
    );
  }
}

/**
 * Writes everything that a result document becomes.
 *
 * @returns the document, with what changed since the baseline
 */
export async function writeOutputs(
  output: Output,
  store: Store,
  found: Results,
  options: OutputOptions,
  baseline: Results | undefined,
): Promise<Results> {
  const results = baseline === undefined ? found : compareWithBaseline(found, baseline);
  const folder = options.out;
  store.keepResults(results);
  store.write(pageFile, await pageOf(results, store));
  if (options.junit !== undefined) writeWhole(options.junit, junit(results, { folder }));
  if (options.markdown !== undefined) writeWhole(options.markdown, markdown(results, { folder }));
  if (options.github === true)
    for (const line of annotations(results, { folder }).trimEnd().split('\n')) output.say(line);
  return results;
}

function counted(results: Results, verdict: Verdict): number {
  return results.cells.filter((cell) => cell.verdict === verdict).length;
}

/** The answer in words, and where everything is; nothing where a document says it. */
export function tellResults(output: Output, store: Store, results: Results): void {
  if (output.json) return;
  tellAnswer(output, results);
  output.say(`page:    ${store.path(pageFile)}`);
  output.say(`results: ${store.path(resultsFile)}`);
}

/** The answer in words. */
export function tellAnswer(output: Output, results: Results): void {
  output.say();
  const counts = (['pass', 'fail', 'inconclusive', 'error'] as const)
    .filter((verdict) => counted(results, verdict) > 0)
    .map((verdict) => `${counted(results, verdict)} ${verdictWord(output, verdict)}`);
  output.say(`${results.cells.length} cells: ${counts.join(', ')}`);
  for (const { text } of answerOf(results).sentences) output.say(`  ${text}`);
  tellPower(output, results);
  output.say();
}

/** What power losses came to, a cell a paragraph: a table of so many words would not fit a terminal. */
function tellPower(output: Output, results: Results): void {
  const table = powerTable(results);
  if (table === undefined) return;
  output.say();
  output.say('  power losses in recorded runs:');
  for (const [scenario = '', strategy = '', engine = '', promised = '', ...figures] of table.rows) {
    output.say(`  ${scenario}, ${strategy}, SQLite ${engine}; promised: ${promised}`);
    for (const [place, text] of figures.entries())
      if (text !== '–') output.say(`    ${(table.head[place + 4] ?? '').padEnd(22)} ${text}`);
  }
}

/** Exit code of a comparison: that of its worst cell; of an interrupt, where one came. */
export function exitCodeOf(results: Results, reportOnly: boolean): number {
  if (counted(results, 'error') > 0) return exitCodes.error;
  if (reportOnly) return 0;
  if (counted(results, 'fail') > 0) return exitCodes.fail;
  return counted(results, 'inconclusive') > 0 ? exitCodes.inconclusive : 0;
}
