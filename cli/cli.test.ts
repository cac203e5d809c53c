// The front door as a person uses it: real commands in real processes; documents, exit codes, and a sentence for
// everything that can be typed wrong.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  callHere,
  callIn,
  type Env,
  hash,
  jsonIn,
  lockstep,
  replayShape,
  runShape,
} from './front-door.test-support.ts';
import packageJson from '../package.json' with { type: 'json' };
import { long } from '../harness/testing/long.test-support.ts';

const corpus = fileURLToPath(new URL('../scenarios/corpus/wal-unlink-wedge.json', import.meta.url));

const minimal = fileURLToPath(new URL('../scenarios/corpus/minimal/wal-unlink-wedge.wal.3.50.4.json', import.meta.url));

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
  await call(['engines', 'build', '3.50.4', '3.51.2']);
}, 900_000);
afterAll(() => folder.cleanup());

const call = (args: readonly string[], env?: Env) => callIn(folder.path, args, env);
const json = <T extends z.ZodType>(args: readonly string[], shape: T) => jsonIn(folder.path, args, shape);

const named = z.array(z.object({ name: z.string(), says: z.string() })).min(1);

describe('documents', () => {
  test('list', async () => {
    const shape = z.object({
      format: z.literal(1),
      scenarios: named,
      strategies: named,
      policies: named,
      engines: named,
      faults: named,
      invariants: named,
      marks: named,
    });
    const { code, document } = await json(['list'], shape);
    expect(code).toBe(0);
    expect(document.scenarios.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['wal-unlink-wedge', 'wal-reset']),
    );
  });

  test('doctor', async () => {
    const capability = z.object({ name: z.string(), ok: z.boolean(), says: z.string(), fix: z.string().nullable() });
    const { document } = await json(['doctor'], z.object({ format: z.literal(1), capabilities: z.array(capability) }));
    expect(document.capabilities.find(({ name }) => name === 'trial run')).toMatchObject({ ok: true });
  });

  test('engines', async () => {
    const { code, document } = await json(['engines'], z.object({ format: z.literal(1), engines: named }));
    expect(code).toBe(0);
    expect(document.engines.map(({ name }) => name)).toEqual(expect.arrayContaining(['3.50.4', '3.51.2', '3.54.1']));
  });

  test('run: a pass, with its bounds and how often the window was reached', long, async () => {
    const args = ['run', 'wal-reset', '--engine', '3.54.1', '--seed', '5'];
    const { code, document } = await json([...args, '--runs', '120', '--bound', '20%'], runShape);
    expect({ code, verdict: document.verdict, runs: document.runs, plan: document.plan }).toEqual({
      code: 0,
      verdict: 'pass',
      runs: 120,
      plan: null,
    });
    const reached = document.reached ?? 0;
    expect(reached).toBeGreaterThanOrEqual(14);
    expect(document.upperBound).toBeCloseTo(1 - 0.05 ** (1 / reached), 10);
    expect(document.upperBoundAllRuns).toBeLessThan(document.upperBound ?? 0);
    // Fewer are none, and it is said how many are missing; unless that little is asked for.
    const few = await json([...args, '--runs', '40'], runShape);
    const some = few.document.reached ?? 0;
    expect(some).toBeGreaterThan(0);
    expect(few).toMatchObject({ code: 3, document: { verdict: 'inconclusive', upperBound: null, missing: 59 - some } });
    expect((await call([...args, '--runs', '40'])).out).toContain(
      `${some} of the 59 random runs in the window wal-reset-in-checkpoint that a pass takes: ${59 - some} are missing`,
    );
    expect((await call([...args, '--bound', '90%'])).code).toBe(2);
  });

  test('run: a plan that is given, in the default schedule, is one run, and says so', async () => {
    const plan = fileURLToPath(new URL('../scenarios/corpus/minimal/wal-reset.wal.3.51.2.json', import.meta.url));
    const args = ['run', 'wal-reset', '--engine', '3.54.1', '--plan', plan, '--chooser', 'replay', '--runs', '20'];
    const { code, out } = await call(args);
    expect(code).toBe(3);
    expect(out).toMatch(/^INCONCLUSIVE[^]* 1 runs? in [^]*is one run: it is made once[^]*59 are missing/);
    expect(out).not.toContain('at 95 % confidence');
  });

  test('run: the same runs for any number of jobs', long, async () => {
    const args = ['run', 'wal-reset', '--engine', '3.54.1', '--runs', '12', '--seed', '9'];
    const [one, three] = [await json(args, runShape), await json([...args, '--jobs', '3'], runShape)];
    const timeless = ({ seconds: _s, runsPerSecond: _r, ...rest }: z.infer<typeof runShape>) => rest;
    expect(timeless(three.document)).toEqual(timeless(one.document));
  });

  test('run: inconclusive when the window is never reached', async () => {
    const { code, document } = await json(['run', 'wal-reset', '--engine', '3.54.1', '--runs', '1'], runShape);
    expect({ code, verdict: document.verdict, bound: document.upperBound }).toEqual({
      code: 3,
      verdict: 'inconclusive',
      bound: null,
    });
  });

  test('run finds, writes a plan, and replay sees the same again, reused and fresh', async () => {
    const found = await json(
      ['run', 'wal-reset', '--engine', '3.51.2', '--runs', '400', '--no-shrink', '--out', 'plans'],
      runShape,
    );
    expect({ code: found.code, verdict: found.document.verdict }).toEqual({ code: 1, verdict: 'fail' });
    const plan = found.document.plan ?? '';
    for (const more of [[], ['--fresh']]) {
      const again = await json(['replay', plan, '--times', '2', ...more], replayShape);
      expect(again.code).toBe(1);
      expect(again.document).toMatchObject({ hashes: [found.document.hash], times: 2, verdict: 'fail' });
      expect(again.document.violations).toEqual(found.document.violations);
    }
  });

  test('replay --trace keeps every step', async () => {
    const { document } = await json(
      ['replay', minimal, '--trace', 'trace.ndjson'],
      replayShape.extend({ steps: z.int() }),
    );
    const lines = readFileSync(join(folder.path, 'trace.ndjson'), 'utf8').trim().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ format: 1, plan: { scenario: 'wal-unlink-wedge' } });
    expect(lines).toHaveLength(document.steps + 1);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ step: 0, op: 'start' });
  });

  test('reproduce', async () => {
    const shape = z.object({
      format: z.literal(2),
      scenario: z.string(),
      strategy: z.string(),
      engine: z.string(),
      symptoms: z
        .array(
          z.object({ reported: z.string(), seen: z.boolean(), staged: z.string().nullable(), evidence: z.string() }),
        )
        .min(5),
      claims: z
        .array(
          z.object({ claim: z.string(), source: z.string(), outcome: z.enum(['confirmed', 'refuted', 'untested']) }),
        )
        .min(3),
      hash,
      verdict: z.string(),
    });
    const { code, document } = await json(['reproduce', 'wal-unlink-wedge'], shape);
    expect(document.symptoms.filter(({ seen, staged }) => !seen || staged !== null)).toEqual([]);
    expect({ code, verdict: document.verdict }).toEqual({ code: 0, verdict: 'fail' });
    // Only what this very run shows is decided without further runs.
    const outcomes = document.claims.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'confirmed')).toHaveLength(1);
    expect(outcomes).not.toContain('refuted');
  });
});

test('strategies combine', async () => {
  const { code, document } = await json(['replay', minimal, '--strategy', 'delete+safe-read'], replayShape);
  // It violates nothing there; but one plan that is replayed is no pass.
  expect({ code, strategy: document.strategy }).toEqual({ code: 3, strategy: 'delete+safe-read' });
});

describe('wrong input is a sentence', () => {
  const broken = (name: string, text: string) => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  };
  const plan = () => JSON.parse(readFileSync(corpus, 'utf8')) as { [name: string]: unknown };

  test.each([
    ['a command', () => ['fly'], /unknown command/],
    ['an option', () => ['run', 'wal-reset', '--colour'], /unknown option/],
    ['no scenario', () => ['run'], /missing required argument/],
    ['a scenario', () => ['run', 'nonesuch'], /There is no scenario "nonesuch".*wal-unlink-wedge/s],
    ['a misspelt scenario', () => ['run', 'wal-rest'], /no scenario "wal-rest"\. Did you mean "wal-reset"\?/],
    ['a misspelt command', () => ['rnu', 'wal-reset'], /Did you mean run\?/],
    [
      'a misspelt strategy in a combination',
      () => ['run', 'wal-unlink-wedge', '--strategy', 'delete+saferead'],
      /no strategy "saferead"\. Did you mean "safe-read"\?/,
    ],
    [
      'a misspelt engine',
      () => ['run', 'wal-reset', '--engine', '3.50.44'],
      /no engine "3\.50\.44"\. Did you mean "3\.50\.4"\?/,
    ],
    [
      'a misspelt invariant',
      () => ['run', 'wal-reset', '--only', 'integrty'],
      /no invariant "integrty"\. Did you mean "integrity"\?/,
    ],
    ['a strategy', () => ['run', 'wal-reset', '--strategy', 'hope'], /no strategy "hope".*wal/s],
    [
      'a combination of strategies',
      () => ['run', 'wal-unlink-wedge', '--strategy', 'delete+hope'],
      /no strategy "hope".*combinations/s,
    ],
    [
      'a combination where there is none',
      () => ['run', 'wal-reset', '--strategy', 'wal+safe-read'],
      /no strategy "wal\+safe-read"/,
    ],
    ['an invariant', () => ['run', 'wal-reset', '--only', 'harm,luck'], /no invariant "luck"/],
    ['a strategy to reproduce', () => ['reproduce', 'wal-unlink-wedge', '--strategy', 'hope'], /no strategy "hope"/],
    ['an engine', () => ['run', 'wal-reset', '--engine', '3.40.99'], /3\.40\.99.*engines add/s],
    ['a number', () => ['run', 'wal-reset', '--runs', 'many'], /whole number of 1 or more/],
    ['a number out of range', () => ['run', 'wal-reset', '--gateways', '65'], /from 1 to 64/],
    ['a time', () => ['run', 'wal-reset', '--time', 'soon'], /30s, 5m or 1h/],
    ['a chooser', () => ['run', 'wal-reset', '--chooser', 'luck'], /Allowed choices are preemptions, pct/],
    ['a plan that is not there', () => ['replay', 'gone.json'], /gone\.json cannot be read/],
    ['an empty plan', () => ['replay', broken('empty.json', '')], /is empty/],
    ['a truncated plan', () => ['replay', broken('cut.json', '{"format": 1, "scen')], /cut off/],
    [
      'a plan of another version',
      () => ['replay', broken('v9.json', JSON.stringify({ ...plan(), format: 9 }))],
      /format 9/,
    ],
    [
      'a plan with a missing engine',
      () => ['replay', broken('engine.json', JSON.stringify({ ...plan(), engine: '3.11.0' }))],
      /3\.11\.0/,
    ],
    [
      'a plan with an unknown scenario',
      () => ['replay', broken('who.json', JSON.stringify({ ...plan(), scenario: 'who' }))],
      /"who"/,
    ],
    [
      'a plan with a broken workload',
      () => ['replay', broken('load.json', JSON.stringify({ ...plan(), workload: 7 }))],
      /workload/,
    ],
    ['a trace that cannot be written', () => ['replay', corpus, '--trace', '/nowhere/x'], /trace cannot be written/],
    [
      'an output folder that cannot be written',
      () => ['run', 'wal-reset', '--out', join(broken('file', ''), 'x')],
      /cannot be written into/,
    ],
  ])('%s', async (_what, args, message) => {
    const { code, out, err } = await callHere(args());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test('with --json the error is a document too, with --verbose it has a stack', async () => {
    const { code, out, err } = await call(['run', 'nonesuch', '--json', '--verbose']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ format: 1, error: { code: 'UNKNOWN_SCENARIO' } });
    expect(err).toMatch(/\n\s+at /);
  });

  test('no place for runs: exit 4', async () => {
    const { code, err } = await call(['run', 'wal-reset', '--engine', '3.54.1', '--runs', '1'], {
      LOCKSTEP_RUNS: '/nowhere',
    });
    expect(code).toBe(4);
    expect(err).toMatch(/\/nowhere.*LOCKSTEP_RUNS/s);
  });

  test('without tmpfs runs go where they are told, and nothing stays', async () => {
    mkdirSync(join(folder.path, 'runs'));
    const env = { LOCKSTEP_RUNS: join(folder.path, 'runs') };
    const { code } = await call(['replay', minimal, '--strategy', 'safe-read'], env);
    expect(code).toBe(3);
    expect(readdirSync(env.LOCKSTEP_RUNS)).toEqual([]);
  });

  test('the version is what package.json says', async () => {
    expect(await callHere(['--version'])).toEqual({ code: 0, out: `${packageJson.version}\n`, err: '' });
  });

  test('help says what there is', async () => {
    const { code, out } = await call(['--help']);
    expect(code).toBe(0);
    for (const command of ['doctor', 'list', 'run', 'reproduce', 'replay', 'engines']) expect(out).toContain(command);
    expect((await call(['run', '--help'])).out).toContain('--strategy');
  });

  test.each(['run', 'replay', 'compare', 'sweep', 'crash', 'campaign start'])(
    '%s --help tells of the engine `own`',
    async (command) => {
      expect((await callHere([...command.split(' '), '--help'])).out).toMatch(/`own`.*?:\s+whatever\s+SQLite/s);
    },
  );

  test.each(['run', 'compare', 'shrink', 'bench', 'replay'])(
    '%s --help gives times as a person would',
    async (command) => {
      const { code, out } = await callHere([command, '--help']);
      expect(code).toBe(0);
      expect(out).not.toMatch(/<time>(?:(?!--).)*default:\s+\d+\)/s);
      expect(out).toMatch(/--json .*--verbose /s);
    },
  );
});

test('Ctrl-C keeps what was found so far: exit 130, a whole document, nothing left behind', async () => {
  const runs = join(folder.path, 'interrupted');
  mkdirSync(runs);
  const args = [lockstep, 'run', 'wal-reset', '--engine', '3.54.1', '--time', '10m', '--json'];
  const child = execa(process.execPath, args, {
    cwd: folder.path,
    env: { LOCKSTEP_RUNS: runs },
    reject: false,
    stdin: 'ignore',
  });
  while (readdirSync(runs).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.kill('SIGINT');
  const { exitCode, stdout } = await child;
  expect(exitCode).toBe(130);
  expect(runShape.extend({ interrupted: z.literal(true) }).parse(JSON.parse(stdout)).runs).toBeGreaterThan(0);
  expect(readdirSync(runs)).toEqual([]);
});
