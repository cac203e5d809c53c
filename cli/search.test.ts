// Searching, shrinking and bisecting from the front door: documents, files, exit codes; a Ctrl-C in the middle of it; and a
// sentence for what cannot be.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long } from '../harness/testing/long.test-support.ts';
import { z } from 'zod';
import { planSchema } from '../harness/model/plan.ts';
import { callHere, callIn, jsonIn, lockstep, replayShape, runShape, smallPlan } from './front-door.test-support.ts';

const corpus = (name: string) => fileURLToPath(new URL(`../scenarios/corpus/${name}.json`, import.meta.url));
const wedge = corpus('wal-unlink-wedge');
const reset = corpus('minimal/wal-reset.wal.3.51.2');

/** Finds the WAL-reset bug: one short run in some hundreds does, with this seed one of the first. */
const finding = ['run', 'wal-reset', '--plan', reset, '--seed', '7', '--runs', '5000'];

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
  await callIn(folder.path, ['engines', 'build', '3.50.4', '3.51.2']);
}, 900_000);
afterAll(() => folder.cleanup());

const call = (args: readonly string[]) => callIn(folder.path, args);
const json = <T extends z.ZodType>(args: readonly string[], shape: T) => jsonIn(folder.path, args, shape);

function write(name: string, content: object | string): string {
  const path = join(folder.path, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function read(path: string): z.infer<typeof planSchema> {
  return planSchema.parse(JSON.parse(readFileSync(join(folder.path, path), 'utf8')));
}

const size = { preemptions: z.int(), faults: z.int(), operations: z.int(), bytes: z.int() };
const minimalShape = z.object({
  locallyMinimal: z.boolean(),
  ...size,
  from: z.object(size),
  runs: z.int(),
  errors: z.int(),
  seconds: z.number(),
});
const shrunkShape = runShape.extend({
  foundViolations: z.array(z.object({ invariant: z.string() })).min(1),
  besides: z.array(z.string()),
  interrupted: z.boolean(),
  minimal: minimalShape,
  explanation: z.array(z.string()),
  plain: z.null(),
});

describe('run', () => {
  test('shrinks what it finds, explains it, and writes both plans', async () => {
    const shape = shrunkShape.extend({ found: z.string(), promised: z.null() });
    const args = [...finding, '--out', 'shrunk', '--shrink-time', '3s'];
    const { code, document } = await json(args, shape);
    expect({ code, verdict: document.verdict, interrupted: document.interrupted }).toEqual({
      code: 1,
      verdict: 'fail',
      interrupted: false,
    });
    expect(readdirSync(join(folder.path, 'shrunk')).toSorted()).toEqual(
      [document.plan ?? '', document.found].map((path) => basename(path)).toSorted(),
    );
    const { minimal } = document;
    expect(minimal.operations).toBeLessThanOrEqual(minimal.from.operations);
    expect(minimal.preemptions).toBeLessThan(minimal.from.preemptions);
    const least = read(document.plan ?? '');
    expect(least.preemptions).toHaveLength(minimal.preemptions);
    expect(JSON.stringify(least.workload)).toHaveLength(minimal.bytes);
    const again = await json(['replay', document.plan ?? ''], replayShape);
    expect({ code: again.code, hashes: again.document.hashes }).toEqual({ code: 1, hashes: [document.hash] });
    for (const violation of document.violations) expect(again.document.violations).toContainEqual(violation);
    expect((await call(['replay', document.found])).code).toBe(1);
  });

  test('--no-shrink leaves it as it was found', long, async () => {
    const args = [...finding, '--out', 'whole', '--no-shrink'];
    const { code, document } = await json(
      args,
      runShape.extend({ found: z.string(), minimal: z.unknown().optional() }),
    );
    expect({ code, plan: document.plan, minimal: document.minimal }).toEqual({
      code: 1,
      plan: document.found,
      minimal: undefined,
    });
    expect(readdirSync(join(folder.path, 'whole'))).toEqual([basename(document.found)]);
    expect(read(document.found).preemptions.length).toBeGreaterThan(3);
  });

  test('says which run found it, though others were made after it', long, async () => {
    const { out } = await call([...finding, '--out', 'told', '--no-shrink']);
    const number = (words: RegExp): number => Number(words.exec(out)?.[1]);
    expect(number(/found in run (\d+)/)).toBe(number(/FAIL .*: first in run (\d+)/));
    expect(number(/found in run (\d+)/)).toBeLessThan(number(/(\d+) runs in/) - 1);
  });

  test('--chooser pct says what it promises, the same for two jobs', long, async () => {
    const promised = z.object({
      depth: z.int(),
      lanes: z.int(),
      points: z.int(),
      perRun: z.number(),
      allRuns: z.number(),
    });
    const args = [
      'run',
      'wal-reset',
      '--engine',
      '3.54.1',
      '--chooser',
      'pct',
      '--depth',
      '2',
      '--runs',
      '12',
      '--plan',
      reset,
    ];
    const shape = runShape.extend({ promised });
    const { document } = await json(args, shape);
    const { depth, lanes, points, perRun, allRuns } = document.promised;
    expect({ depth, lanes, perRun }).toEqual({ depth: 2, lanes: 3, perRun: 1 / (3 * points) });
    expect(allRuns).toBeCloseTo(1 - (1 - perRun) ** 11, 12);
    // Where every run has a plan of its own there is nothing to promise.
    const varied = await json(args.slice(0, -2), runShape.extend({ promised: z.null() }));
    expect(varied.document.promised).toBeNull();
    const timeless = ({ seconds: _s, runsPerSecond: _r, ...rest }: z.infer<typeof shape>) => rest;
    expect(timeless((await json([...args, '--jobs', '2'], shape)).document)).toEqual(timeless(document));
  });

  test('--chooser exhaustive tries every schedule of one plan', async () => {
    const schedules = z.object({
      tried: z.int(),
      run: z.int(),
      skipped: z.int(),
      failed: z.int(),
      byPreemptions: z.array(z.object({ preemptions: z.int(), schedules: z.int() })),
      complete: z.boolean(),
    });
    const plan = write('small.json', smallPlan());
    const args = ['run', 'wal-reset', '--chooser', 'exhaustive', '--preemptions', '1', '--plan', plan];
    const ended = { timeUp: z.literal(false), confirmed: z.null() };
    const { code, document } = await json(args, runShape.extend({ hash: z.null(), schedules, ...ended }));
    expect({ code, verdict: document.verdict }).toEqual(
      document.marks['wal-reset-in-checkpoint'] === undefined || document.marks['wal-reset-in-checkpoint'] === 0
        ? { code: 3, verdict: 'inconclusive' }
        : { code: 0, verdict: 'pass' },
    );
    const { tried, run, skipped, complete, byPreemptions } = document.schedules;
    expect({ complete, sum: run + skipped }).toEqual({ complete: true, sum: tried });
    expect(byPreemptions.map(({ preemptions }) => preemptions)).toEqual([0, 1]);
    expect(document).toMatchObject({ runs: run, chooser: 'exhaustive', upperBound: null, engine: '3.54.1' });
  });

  test('--reduction none runs every schedule that exhaustive tries', long, async () => {
    const shape = z.object({ schedules: z.object({ tried: z.int(), run: z.int(), skipped: z.int() }) });
    const plan = write('small.json', smallPlan());
    const args = ['run', 'wal-reset', '--chooser', 'exhaustive', '--preemptions', '1', '--plan', plan, '--reduction'];
    const { schedules: all } = (await json([...args, 'none'], shape)).document;
    expect(all).toEqual({ tried: all.tried, run: all.tried, skipped: 0 });
    const { schedules: reduced } = (await json([...args, 'causes'], shape)).document;
    expect(reduced.tried).toBe(all.tried);
    expect(reduced.skipped).toBeGreaterThan(0);
  });

  test('--plan keeps workload, faults and gateways, and takes strategy and engine from it', long, async () => {
    const plan = write('base.json', smallPlan({ parameters: { ...smallPlan().parameters, gateways: 3 } }));
    const { document } = await json(['run', 'wal-reset', '--plan', plan, '--runs', '4'], runShape);
    expect(document).toMatchObject({ engine: '3.54.1', strategy: 'wal', gateways: 3, runs: 4 });
    const one = await json(['run', 'wal-reset', '--plan', plan, '--runs', '1'], runShape);
    const replayed = await json(['replay', plan], replayShape);
    expect(replayed.document.hashes).toEqual([one.document.hash]);
  });

  test('--deep searches on the deep variant of the engine', { ...long, timeout: 600_000 }, async () => {
    const args = ['run', 'wal-reset', '--engine', '3.50.4', '--deep', '--runs', '2', '--no-shrink', '--seed', '2'];
    const [deep, plain] = [await json(args, runShape), await json(args.toSpliced(4, 1), runShape)];
    expect([deep.document.engine, plain.document.engine]).toEqual(['3.50.4+shm', '3.50.4']);
    expect(deep.document.steps).toBeGreaterThan(plain.document.steps);
  });
});

/** The shipped plan, and faults that strike nobody. */
function idle(): object {
  const plan = planSchema.parse(JSON.parse(readFileSync(reset, 'utf8')));
  const faults = [1, 2].map((hours) => ({ kind: 'pause', at: { timeMs: hours * 1e6 }, lane: 'writer-1', ms: 5 }));
  return { ...plan, faults };
}

describe('shrink', () => {
  test('writes a smaller plan beside the one it was given', long, async () => {
    const path = write('idle.json', idle());
    const text = readFileSync(path, 'utf8');
    const { code, document } = await json(['shrink', path, '--time', '3s'], shrunkShape);
    const beside = join(folder.path, 'idle.min.json');
    expect({ code, verdict: document.verdict, plan: document.plan }).toEqual({
      code: 1,
      verdict: 'fail',
      plan: beside,
    });
    expect(document).toMatchObject({ scenario: 'wal-reset', chooser: 'replay', upperBound: null });
    expect([document.minimal.from.faults, document.minimal.faults]).toEqual([2, 0]);
    expect(readFileSync(path, 'utf8')).toBe(text);
    const again = await json(['replay', beside], replayShape);
    expect({ code: again.code, hashes: again.document.hashes }).toEqual({ code: 1, hashes: [document.hash] });
  });

  test('--out says where, and folders on the way are made', long, async () => {
    const told = join(folder.path, 'made', 'x.json');
    const args = ['shrink', reset, '--time', '1s', '--out', told];
    expect((await json(args, shrunkShape)).document.plan).toBe(told);
    expect(existsSync(told)).toBe(true);
  });

  test('a plan that does not fail is left alone: no pass, no file', async () => {
    const path = write('passes.json', smallPlan());
    const { code, document } = await json(['shrink', path], runShape.extend({ hash: z.null(), plan: z.null() }));
    expect({ code, verdict: document.verdict, violations: document.violations }).toEqual({
      code: 3,
      verdict: 'inconclusive',
      violations: [],
    });
    expect(existsSync(join(folder.path, 'passes.min.json'))).toBe(false);
  });
});

describe('bisect', () => {
  const judged = z.object({
    engine: z.string(),
    verdict: z.enum(['fail', 'pass', 'inconclusive']),
    how: z.enum(['replay', 'same places', 'search']),
    runs: z.int(),
    reached: z.int(),
    missing: z.int(),
  });
  const shape = z.object({
    format: z.literal(2),
    plan: z.string(),
    engines: z.array(judged),
    lastBad: z.string().nullable(),
    firstGood: z.string().nullable(),
  });

  test('names the last bad and the first good version, in whatever order it is asked', long, async () => {
    const args = ['bisect', reset, '--engines', '3.54.1,3.51.2', '--searches', '160', '--bound', '20%'];
    const { code, document } = await json(args, shape);
    expect({ code, lastBad: document.lastBad, firstGood: document.firstGood }).toEqual({
      code: 1,
      lastBad: '3.51.2',
      firstGood: '3.54.1',
    });
    expect(document.engines).toMatchObject([
      { engine: '3.51.2', verdict: 'fail', how: 'replay', runs: 1 },
      { engine: '3.54.1', how: 'search', verdict: 'pass', runs: 162 },
    ]);
    // By the usual bound so few runs are no pass: then no version is called good.
    const usual = await json(args.slice(0, -2), shape);
    expect(usual).toMatchObject({ code: 1, document: { lastBad: '3.51.2', firstGood: null } });
    const [, good] = usual.document.engines;
    expect(good).toMatchObject({ verdict: 'inconclusive', missing: 59 - (good?.reached ?? 0) });
  });

  test('a plan that fails nowhere: no bad version', async () => {
    const path = write('nowhere.json', smallPlan());
    const { code, document } = await json(['bisect', path, '--engines', '3.54.1', '--searches', '2'], shape);
    const [only] = document.engines;
    expect(document.lastBad).toBeNull();
    expect({ code, firstGood: document.firstGood, verdict: only?.verdict }).toEqual({
      code: 3,
      firstGood: null,
      verdict: 'inconclusive',
    });
  });
});

describe('Ctrl-C in the middle of shrinking', () => {
  /** What runs leave there while they go on; not who holds which processor. */
  const worlds = (runs: string) => readdirSync(runs).filter((name) => !name.startsWith('.'));

  async function interrupted(args: readonly string[], ready: () => boolean) {
    const runs = join(folder.path, `runs-${args[0] ?? ''}`);
    mkdirSync(runs);
    const child = execa(process.execPath, [lockstep, ...args, '--json'], {
      cwd: folder.path,
      env: { LOCKSTEP_RUNS: runs },
      reject: false,
      stdin: 'ignore',
    });
    while (!ready()) await wait(50);
    await wait(700);
    child.kill('SIGINT');
    const { exitCode, stdout } = await child;
    expect(worlds(runs)).toEqual([]);
    return { exitCode, document: shrunkShape.parse(JSON.parse(stdout)) };
  }

  test('run keeps what it has found, and what it has shrunk so far: exit 1, the violation counts', long, async () => {
    const found = join(folder.path, 'cut', 'wal-reset-wal-3.51.2-seed7.found.json');
    const args = [...finding, '--out', 'cut', '--shrink-time', '10m'];
    const { exitCode, document } = await interrupted(args, () => existsSync(found));
    expect({ exitCode, interrupted: document.interrupted, verdict: document.verdict }).toEqual({
      exitCode: 1,
      interrupted: true,
      verdict: 'fail',
    });
    expect(document.minimal.locallyMinimal).toBe(false);
    const again = await json(['replay', document.plan ?? ''], replayShape);
    expect(again.document.hashes).toEqual([document.hash]);
  });

  test('shrink keeps what it has: exit 130', long, async () => {
    const path = write('cut.json', idle());
    const runs = join(folder.path, 'runs-shrink');
    const going = () => existsSync(runs) && worlds(runs).length > 0;
    const { exitCode, document } = await interrupted(['shrink', path, '--time', '10m'], going);
    expect({ exitCode, interrupted: document.interrupted }).toEqual({ exitCode: 130, interrupted: true });
    const again = await json(['replay', document.plan ?? ''], replayShape);
    expect(again.document.hashes).toEqual([document.hash]);
  });
});

test.each([
  ['shrink: a plan that is not there', () => ['shrink', 'gone.json'], /gone\.json cannot be read/],
  ['shrink: a broken plan', () => ['shrink', write('cut-off.json', '{"format": 1, "sc')], /cut off/],
  ['shrink: an invariant', () => ['shrink', wedge, '--only', 'luck'], /no invariant "luck".*no-wedge/s],
  ['shrink: a time', () => ['shrink', wedge, '--time', 'soon'], /30s, 5m or 1h/],
  [
    'shrink: a strategy',
    () => ['shrink', write('hope.json', smallPlan({ strategy: 'hope' }))],
    /no strategy "hope".*wal/s,
  ],
  ['shrink: an engine', () => ['shrink', write('old.json', smallPlan({ engine: '3.11.0' }))], /3\.11\.0/],
  [
    'shrink: a workload',
    () => ['shrink', write('load.json', smallPlan({ workload: { writers: [] } }))],
    /workload.*does not fit/s,
  ],
  [
    'shrink: an output that cannot be written',
    () => ['shrink', wedge, '--out', join(write('file', ''), 'x', 'y.json')],
    /cannot be written into/,
  ],
  ['bisect: a broken plan', () => ['bisect', write('empty.json', '')], /is empty/],
  ['bisect: an engine', () => ['bisect', wedge, '--engines', '3.50.4,9.9.9'], /no engine "9\.9\.9".*3\.54\.1/s],
  ['bisect: no engine', () => ['bisect', wedge, '--engines', ''], /no engine ""/],
  ['bisect: an invariant', () => ['bisect', wedge, '--only', 'luck'], /no invariant "luck"/],
  [
    'run: a plan of another scenario',
    () => ['run', 'checkpoint-race', '--plan', wedge],
    /belongs to the scenario wal-unlink-wedge, not to checkpoint-race/,
  ],
  [
    'run: a plan, and a number of gateways',
    () => ['run', 'wal-unlink-wedge', '--plan', wedge, '--gateways', '2'],
    /says how many gateways/,
  ],
  ['run: a depth', () => ['run', 'wal-reset', '--chooser', 'pct', '--depth', '0'], /from 1 to 20/],
  ['run: a time to shrink', () => ['run', 'wal-reset', '--shrink-time', '0s'], /30s, 5m or 1h/],
])('%s is a sentence', async (_what, args, message) => {
  const { code, out, err } = await callHere(args());
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n\s+at /);
});
