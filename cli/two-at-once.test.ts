// Two commands at once into one folder, and a folder that cannot be written any more under way: nothing is overwritten by
// another, and nothing that was found is lost.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { resultsSchema } from '../reports/results.ts';
import { callHere, callIn, jsonIn, lockstep, runShape } from './front-door.test-support.ts';
import { long } from '../harness/testing/long.test-support.ts';

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
});
afterAll(() => folder.cleanup());

const call = (args: readonly string[]) => callIn(folder.path, args);
const path = (...parts: readonly string[]) => join(folder.path, ...parts);

/** Goes on for hours, and has found something after seconds. */
const cells = ['--scenarios', 'wal-reset', '--engines', '3.51.2,3.54.1', '--no-costs', '--jobs', '1'];
const endless = ['compare', ...cells, '--runs', '1000000'];

function start(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  return execa(process.execPath, [lockstep, ...args], { cwd: folder.path, env, reject: false, stdin: 'ignore' });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(50);
}

const hasFailed = (out: string) => existsSync(path(out, 'results.json'));

describe('one folder', () => {
  test(
    'the second comparison is refused at once, and a report too; one that was killed holds nothing',
    long,
    async () => {
      const first = start([...endless, '--out', 'one']);
      await until(() => hasFailed('one'));
      const before = readFileSync(path('one', 'results.json'), 'utf8');
      for (const second of [
        [...endless, '--out', 'one'],
        [...endless, '--out', 'one', '--resume'],
        ['report', 'one/results.json', '--out', 'one'],
      ]) {
        const { code, err } = await call(second);
        expect({ code, err }).toEqual({
          code: 2,
          err: expect.stringMatching(/Another lockstep is writing into one/) as string,
        });
      }
      expect(readFileSync(path('one', 'results.json'), 'utf8')).toBe(before);
      first.kill('SIGKILL');
      await first;
      expect((await call(['report', 'one/results.json', '--out', 'one', '--report-only'])).code).toBe(0);
    },
  );

  test('two runs at once keep both plans, also where these have one name', long, async () => {
    const args = ['run', 'wal-reset', '--seed', '5', '--runs', '60', '--no-shrink', '--out', 'plans', '--json'];
    const both = await Promise.all([start(args), start([...args, '--preemptions', '32'])]);
    const documents = both.map(({ stdout }) => runShape.extend({ plan: z.string() }).parse(JSON.parse(stdout)));
    const plans = documents.map(({ plan }) => plan);
    expect(new Set(plans).size).toBe(2);
    expect(readdirSync(path('plans')).toSorted()).toEqual(plans.map((plan) => plan.slice('plans/'.length)).toSorted());
    for (const [i, plan] of plans.entries()) {
      const again = await jsonIn(folder.path, ['replay', plan], z.object({ hashes: z.array(z.string()) }));
      expect(again.document.hashes).toEqual([documents[i]?.hash]);
    }
  });
});

describe('a folder that cannot be written any more: exit 4, and what was found is said', () => {
  const sentences = /could not be written|was removed/;

  test('a comparison whose folder is removed', long, async () => {
    const child = start([...endless, '--out', 'gone', '--json', '--runs', '120']);
    await until(() => hasFailed('gone'));
    rmSync(path('gone'), { recursive: true });
    const { exitCode, stdout, stderr } = await child;
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringMatching(sentences) as string });
    const { error, ...results } = resultsSchema
      .extend({ error: z.looseObject({ code: z.string() }) })
      .parse(JSON.parse(stdout));
    expect(error.code).toBe('OUT_REMOVED');
    expect(results.cells.map(({ verdict }) => verdict)).toEqual(['fail', 'inconclusive']); // 3.54.1: too few runs in the window
    expect(stderr).toMatch(/"scenario": "wal-reset"[\s\S]*The file above could not be written to gone\/plans/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(path('gone'))).toBe(false);
  });

  test('a comparison that may not write so much', async () => {
    // Room for the runs and for the results, and none for the page, which is as long as what the native host runs.
    const command = [process.execPath, lockstep, ...endless, '--host', 'node', '--runs', '3', '--out', 'small'];
    const script = `ulimit -f 100; exec ${command.map((word) => `"${word}"`).join(' ')}`;
    const { exitCode, stdout, stderr } = await execa('bash', ['-c', script], { cwd: folder.path, reject: false });
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringMatching(sentences) as string });
    expect(stdout).toMatch(/The one strategy that was tried failed/);
    const results = resultsSchema.parse(JSON.parse(readFileSync(path('small', 'results.json'), 'utf8')));
    expect(results.cells.map(({ verdict }) => verdict)).toContain('fail');
    expect(
      readdirSync(path('small')).filter((name) => !/^(results\.json|plans|evidence|\.lockstep-lock)$/.test(name)),
    ).toEqual([]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a run whose folder became a file', async () => {
    for (const name of ['file', 'runs']) mkdirSync(path(name));
    const command = ['run', 'wal-reset', '--runs', '60', '--no-shrink', '--out', 'file/out', '--json'];
    const child = start(command, { LOCKSTEP_RUNS: path('runs') });
    await until(() => existsSync(path('file', 'out')) && readdirSync(path('runs')).length > 0); // it has looked at the folder, and begun
    rmSync(path('file'), { recursive: true, force: true });
    writeFileSync(path('file'), '');
    const { exitCode, stdout, stderr } = await child;
    expect(exitCode).toBe(4);
    expect(runShape.parse(JSON.parse(stdout))).toMatchObject({ verdict: 'fail', plan: null });
    expect(stderr).toMatch(/"preemptions"[\s\S]*The file above could not be written to file\/out/);
  });

  test('a replay says its verdict, then that a file is missing', async () => {
    const plan = join(import.meta.dirname, '../scenarios/corpus/minimal/wal-reset.wal.3.51.2.json');
    for (const option of ['--trace', '--history', '--perfetto']) {
      const { code, out, err } = await callHere(['replay', plan, option, '/dev/full']);
      expect({ code, out }).toEqual({ code: 4, out: expect.stringMatching(/FAIL[\s\S]*1 hash/) as string });
      expect(err).toMatch(/\/dev\/full could not be written: ENOSPC/);
    }
  });
});
