// Files from strangers: whatever stands in a file, each reader gives a value or a sentence of one screen. Real files are
// changed at random, 10,000 times; LOCKSTEP_SEED draws other changes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { dir } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runsOf } from '../harness/testing/long.test-support.ts';
import { parseEngineName } from '../harness/engines/engine.ts';
import { userCatalogue } from '../harness/engines/user-catalogue.ts';
import { LockstepError } from '../harness/errors/errors.ts';
import { checkWorkload } from '../harness/search/plan-check.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { isFileName } from '../harness/model/names.ts';
import { visibleLines } from '../harness/model/visible.ts';
import { annotations } from '../reports/annotations.ts';
import { compareWithBaseline } from '../reports/baseline.ts';
import { evidenceIn } from '../reports/evidence.ts';
import { junit } from '../reports/junit.ts';
import { markdown } from '../reports/markdown.ts';
import { mergeResults } from '../reports/merge.ts';
import { documentOf, failing, passing } from '../reports/testing/cells.test-support.ts';
import { evidenceOf } from '../reports/testing/evidence.test-support.ts';
import { oneCell, resultsOf } from '../reports/testing/results.test-support.ts';
import { corpusFiles, corpusFolder } from '../scenarios/corpus-index.ts';
import { asUsage, readResultsFile } from '../compare/read.ts';
import { resumed } from '../compare/resume.ts';
import { resultsFile, Store } from '../compare/store.ts';
import { findScenario, findStrategy } from '../scenarios/find.ts';
import { holdFolder } from '../compare/hold-folder.ts';
import { mutatedFiles } from './mutated-files.test-support.ts';

const seed = Number(process.env['LOCKSTEP_SEED'] ?? 1);
const filesInAll = 10_000;

/** Processor time that one file may take: far more than it does, and far less than a hang. */
const cpuMsMax = 10_000;
const screen = { lines: 24, characters: 2600 } as const;

let folder: string;
let cwdBefore: string;
let cleanup: () => Promise<void>;
const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  const made = await dir({ unsafeCleanup: true });
  ({ path: folder, cleanup } = made);
  for (const name of ['cwd', 'files', 'cache']) mkdirSync(inFolder(name));
  vi.stubEnv('LOCKSTEP_CACHE', inFolder('cache'));
  cwdBefore = process.cwd();
  process.chdir(inFolder('cwd'));
});
afterAll(async () => {
  process.chdir(cwdBefore);
  vi.unstubAllEnvs();
  await cleanup();
});

/** Result: did it come to an end? Whatever else comes of it than that or one screen of complaint is a failure. */
function isDone(body: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    if (!(error instanceof LockstepError)) throw error;
    const { kind, message: said } = error;
    expect(kind).toBe('usage');
    expect({ said, characters: Math.min(said.length, screen.characters) }).toEqual({ said, characters: said.length });
    expect(said.split('\n').length).toBeLessThanOrEqual(screen.lines);
    expect(visibleLines(said)).toBe(said);
    return false;
  }
}

/** Every name of a file that a plan has, wherever it stands. */
function fileNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    (key === 'database' || key === 'file') && typeof part === 'string' ? [part] : fileNames(part),
  );
}

function plan(path: string): void {
  const read = readPlan(path);
  expect(fileNames(read.faults).filter((name) => !isFileName(name))).toEqual([]);
  const { scenario, strategy, engine } = read;
  for (const name of [scenario, strategy, engine]) expect(visibleLines(name)).toBe(name);
  const found = findScenario(scenario);
  findStrategy(found, strategy);
  parseEngineName(engine);
  checkWorkload(found, read, path);
  found.setup(read);
  found.start(read);
}

/** All that becomes of a result document, and what the other readers of one make of it. */
function results(path: string): void {
  const read = readResultsFile(path);
  for (const text of [markdown(read), junit(read), annotations(read)]) {
    const seen = text.replaceAll('\u200B', ''); // of Markdown's own
    expect(visibleLines(seen)).toBe(seen);
  }
  compareWithBaseline(oneCell(), read);
  asUsage(() => mergeResults([{ path, results: read }]));
  const other = oneCell();
  isDone(() =>
    asUsage(() =>
      mergeResults([
        { path, results: read },
        { path: 'b/results.json', results: other },
      ]),
    ),
  );
}

function resume(path: string): void {
  using held = holdFolder(inFolder('files'));
  const store = new Store(inFolder('files'), held);
  writeFileSync(store.path(resultsFile), readFileSync(path));
  resumed(store, oneCell().about, true);
}

function evidence(path: string): void {
  const found = evidenceIn(readFileSync(path, 'utf8'), path);
  if (typeof found === 'string') throw new LockstepError('usage', 'EVIDENCE', found, 'A sentence on the page.');
}

function engines(path: string): void {
  writeFileSync(join(inFolder('cache'), 'engines.json'), readFileSync(path));
  userCatalogue();
}

const bytesOf = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
const [firstCell] = oneCell().cells;
const added = { name: '3.50.2', release: '12.2.0', sha256: 'a'.repeat(64) };
const documents = [
  oneCell(),
  documentOf([passing(), failing({ strategy: 'delete' })]),
  compareWithBaseline(documentOf([passing()]), documentOf([failing()])),
  resultsOf({ strategies: 3, scenarios: 2, engines: 2, verdict: (_, chance) => (chance < 0.5 ? 'fail' : 'pass') }),
].map(bytesOf);

/** Each kind of file: real ones, who reads it, and how many of the mutated files it gets. */
const kinds = [
  { name: 'plans', read: plan, share: 0.5, files: corpusFiles().map((file) => readFileSync(join(corpusFolder, file))) },
  { name: 'results', read: results, share: 0.2, files: documents },
  { name: 'results to go on with', read: resume, share: 0.1, files: documents },
  {
    name: 'evidence',
    read: evidence,
    share: 0.1,
    files: firstCell === undefined ? [] : [bytesOf(evidenceOf(firstCell))],
  },
  {
    name: 'lists of engines',
    read: engines,
    share: 0.1,
    files: [bytesOf({ format: 1, engines: [added] }), bytesOf({ format: 1, engines: [] })],
  },
] as const;

/** Result: was it taken? */
function taken(read: (path: string) => void, file: Buffer): boolean {
  const path = inFolder('files/a-file.json');
  writeFileSync(path, file);
  const began = process.cpuUsage();
  const done = isDone(() => read(path));
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(cpuMsMax);
  return done;
}

describe.each(kinds)('$name', ({ name, read, share, files }) => {
  test('as they are, are taken', () => {
    // Another comparison's: to be told, and not gone on with.
    const all = name === 'results to go on with' ? [] : files;
    for (const file of all) expect(taken(read, file)).toBe(true);
  });

  test('mutated, are taken or refused with one screen of complaint', () => {
    const counts = { accepted: 0, refused: 0 };
    const property = fc.property(mutatedFiles(files), (file) => {
      counts[taken(read, file) ? 'accepted' : 'refused']++;
    });
    fc.assert(property, { seed, numRuns: Math.round(runsOf(filesInAll, filesInAll / 4) * share) });
    console.log(`${name}: ${counts.accepted} mutated files accepted, ${counts.refused} refused (seed ${seed})`);
    expect(counts.refused).toBeGreaterThan(counts.accepted / 10);
    expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
    expect(readdirSync(inFolder('cwd'))).toEqual([]);
    expect(readdirSync(folder).toSorted()).toEqual(['cache', 'cwd', 'files']);
  }, 600_000);
});
