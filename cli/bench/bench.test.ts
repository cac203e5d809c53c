// `lockstep bench` as a person uses it, on tiny budgets: the document that scripts read, searches that find nothing and
// count all the same, a Ctrl-C that keeps what there is.
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long } from '../../harness/testing/long.test-support.ts';
import { z } from 'zod';
import { callHere } from '../front-door.test-support.ts';
import { ensureEngines } from '../../harness/engines/ensure.ts';

const lockstep = fileURLToPath(new URL('../lockstep.js', import.meta.url));

let runs: DirectoryResult;
beforeAll(async () => {
  runs = await dir({ unsafeCleanup: true, tmpdir: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() });
  await ensureEngines(['3.51.2', '3.51.2+shm', '3.54.1']);
}, 900_000);
afterAll(() => runs.cleanup());

/** @param options as they are typed */
function start(options: string) {
  return execa(process.execPath, [lockstep, 'bench', ...options.split(' ')], {
    env: { LOCKSTEP_RUNS: runs.path },
    reject: false,
    stdin: 'ignore',
  });
}

const estimate = z.object({ value: z.number().nullable(), low: z.number(), high: z.number().nullable() });
const shape = z.object({
  format: z.literal(2),
  interrupted: z.boolean(),
  knownBug: z.object({
    scenario: z.string(),
    strategy: z.string(),
    engine: z.string(),
    invariants: z.array(z.string()).min(1),
    seeds: z.array(z.int()),
    timeLimitSeconds: z.number(),
    processors: z.int().min(1),
    stress: z.array(
      z.object({
        crews: z.int(),
        restMsMax: z.number(),
        rounds: z.int(),
        seconds: z.number(),
        roundsPerSecond: z.number(),
        hits: z.array(z.object({ round: z.int(), seconds: z.number(), violations: z.array(z.unknown()).min(1) })),
        secondsPerHit: estimate,
      }),
    ),
    coldStarts: z.array(z.object({ engine: z.string(), jobs: z.int(), seconds: z.number().positive() })),
    configurations: z.array(
      z.object({
        chooser: z.string(),
        engine: z.string(),
        depth: z.enum(['plain', 'deep']),
        jobs: z.int(),
        hits: z.int(),
        censored: z.int(),
        medianSeconds: z.number().nullable(),
        medianAtLeast: z.number().nullable(),
        meanSeconds: z.number().nullable(),
        meanRuns: z.number().nullable(),
        runsPerSecond: z.number(),
        stepsPerSecond: z.number(),
        ahead: z.array(estimate.nullable()),
        searches: z.array(
          z.object({
            seed: z.int(),
            hit: z.boolean(),
            seconds: z.number(),
            busySeconds: z.number(),
            runs: z.int(),
            steps: z.int(),
          }),
        ),
      }),
    ),
  }),
});

async function document(options: string) {
  const { exitCode, stdout } = await start(`${options} --json`);
  return { exitCode, ...shape.parse(JSON.parse(stdout)) };
}

describe('on an engine with the bug', () => {
  test('each configuration has its times, beside those of stress in the same run', {
    ...long,
    timeout: 300_000,
  }, async () => {
    const { exitCode, knownBug, interrupted } = await document(
      '--seeds 2 --first-seed 7 --choosers preemptions --jobs 1,2 --time-limit 20s --stress 2s --crews 2',
    );
    expect({ exitCode, interrupted, seeds: knownBug.seeds }).toEqual({
      exitCode: 0,
      interrupted: false,
      seeds: [7, 8],
    });
    expect(knownBug.invariants).toEqual(['integrity', 'acknowledged-commits', 'whole-transactions']);
    expect(knownBug.configurations.map(({ chooser, depth, jobs }) => `${chooser} ${depth} ${jobs}`)).toEqual([
      'preemptions plain 1',
      'preemptions plain 2',
      'preemptions deep 1',
      'preemptions deep 2',
    ]);
    for (const one of knownBug.configurations) {
      expect(one.hits + one.censored).toBe(2);
      expect(one.searches.map(({ seed }) => seed)).toEqual([7, 8]);
      expect(one.ahead.map((ahead) => ahead === null)).toEqual([one.hits === 0, one.hits === 0]);
      expect(one.stepsPerSecond).toBeGreaterThan(one.runsPerSecond);
      for (const { seconds, busySeconds } of one.searches) expect(busySeconds).toBeGreaterThanOrEqual(seconds);
    }
    expect(knownBug.configurations.some(({ hits }) => hits > 0)).toBe(true);
    expect(knownBug.coldStarts.map(({ engine, jobs }) => `${engine} ${jobs}`)).toEqual([
      '3.51.2 1',
      '3.51.2 2',
      '3.51.2+shm 1',
      '3.51.2+shm 2',
    ]);
    expect(knownBug.stress).toMatchObject([
      { crews: 2, restMsMax: 0 },
      { crews: 2, restMsMax: 10 },
    ]);
    for (const { seconds, rounds } of knownBug.stress) {
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(rounds).toBeGreaterThan(0);
    }
  });

  test('a search that finds nothing in time is counted, and no figure is made up for it', long, async () => {
    const { exitCode, knownBug } = await document(
      '--seeds 2 --choosers replay --jobs 1 --engines plain --time-limit 300ms --no-stress',
    );
    expect(exitCode).toBe(3);
    expect(knownBug.stress).toEqual([]);
    expect(knownBug.configurations[0]).toMatchObject({
      hits: 0,
      censored: 2,
      medianSeconds: null,
      meanSeconds: null,
      meanRuns: null,
      ahead: [],
    });
    expect(knownBug.configurations[0]?.medianAtLeast).toBeGreaterThanOrEqual(0.3);
  });

  test('prose says what was measured', long, async () => {
    const { exitCode, stdout } = await start(
      '--seeds 1 --choosers preemptions --jobs 1 --engines plain --time-limit 60s --stress 1s --crews 1',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Time to a known bug: wal-reset, strategy wal, SQLite 3.51.2');
    expect(stdout).toMatch(/cold start on 3\.51\.2, jobs 1: [\d.]+ s until the first run has ended/);
    expect(stdout).toMatch(/stress, free-running on \d+ processors, 1 rounds? at once, without rests/);
    expect(stdout).toMatch(/chooser +engine +jobs +median s/);
  });
});

test('a Ctrl-C keeps what there is, and leaves nothing behind', long, async () => {
  const child = start(
    '--engine 3.54.1 --engines plain --seeds 1 --choosers preemptions --jobs 2 --time-limit 1h --stress 1s --crews 1 --json',
  );
  // From here on the search goes, and has no end of its own: this engine has no bug to find.
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text) => {
      if (String(text).includes('2 jobs: warm')) resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  child.kill('SIGINT');
  const { exitCode, stdout } = await child;
  const { interrupted, knownBug } = shape.parse(JSON.parse(stdout));
  expect({ exitCode, interrupted }).toEqual({ exitCode: 130, interrupted: true });
  expect(knownBug.configurations[0]).toMatchObject({ hits: 0, censored: 1, medianSeconds: null });
  expect(knownBug.configurations[0]?.searches[0]?.runs).toBeGreaterThan(0);
  expect(readdirSync(runs.path)).toEqual([]);
});

test('the costs of strategies: a line each', long, async () => {
  const { exitCode, stdout } = await start('--costs wal,delete --cost-time 1s --json');
  const cost = z.object({ strategy: z.string(), gateways: z.int(), commitsPerSecond: z.number().positive() });
  const { costs } = z.object({ format: z.literal(1), costs: z.array(cost) }).parse(JSON.parse(stdout));
  expect({ exitCode, costs: costs.map(({ strategy, gateways }) => `${strategy} ${gateways}`) }).toEqual({
    exitCode: 0,
    costs: ['wal 1', 'wal 4', 'wal 16', 'delete 1', 'delete 4', 'delete 16'],
  });
});

describe('refused with a sentence', () => {
  test.each([
    ['--choosers nobody', /It takes choosers with commas between/],
    ['--rest-max 0,some', /It takes a whole number/],
    ['--engines shallow', /It takes one of: plain, deep/],
    ['--scenario nothing', /There is no scenario "nothing"/],
    ['--costs hope', /hope/],
    ['--only locks-held', /locks-held cannot be judged/],
    ['--scenario wal-unlink-wedge --engines plain --crews 1', /cannot run free/],
  ])('%s', async (options, message) => {
    const { code, err } = await callHere(['bench', ...options.split(' ')]);
    expect({ code, said: message.test(err) }, err).toEqual({ code: 2, said: true });
  });
});
