// What a torture takes for wrong, so that it cannot go blind: words, processes, files, lost cells; and its own tools.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chance, seedOfBlow } from './chance.ts';
import { cellsTold, halfWritten, leftIn, lostCells, stillRunning, wrongWords } from './checks.ts';
import { mutatedBytes, mutatedJson } from './mutate.ts';
import { endAll, processesWith } from './processes.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'torture-test-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const words = (stderr: string) => wrongWords({ stdout: '', stderr }, false);

describe('words', () => {
  it.each([
    ['lockstep: x\n    at run (file:///a/b.ts:1:2)\n', 'it said a stack trace'],
    ['This is a defect of Lockstep: run it again', 'it said "defect of Lockstep"'],
    ["TypeError: Cannot read properties of null (reading 'x')", 'it said an internal error'],
    ['RangeError: Maximum call stack size exceeded', 'it said an overflow of the stack'],
    ['lockstep: the scenario \u001b[31mred is unknown', 'it said raw control characters'],
    ['a complaint\n'.repeat(100), 'more than a screen on standard error (100 lines, 1199 characters)'],
  ])('%j', (said, wrong) => {
    expect(words(said)).toContain(wrong);
  });

  it('a sentence and its remedy, and progress of any length, are right', () => {
    expect(words('lockstep: The folder /x cannot be written.\nName another one.\n')).toEqual([]);
    const plan = `{\n${'  "a": 1,\n'.repeat(100)}}\n`;
    expect(words(`${plan}The file above could not be written to /x: copy it.\n`)).toEqual([]);
    expect(words(`${plan}lockstep: no\n`)).not.toEqual([]);
    expect(words('PASS  a/b/3.54.1: 3 runs, window reached 1 times\n'.repeat(300))).toEqual([]);
  });
});

it('a process is seen by its environment, by its command line, by its folder; and ended', async () => {
  const script = 'setTimeout(() => {}, 60_000)';
  const { PATH = '' } = process.env;
  const bare = { extendEnv: false, reject: false, stdin: 'ignore' } as const;
  const all = [
    execa(process.execPath, ['-e', script], { ...bare, env: { PATH, LOCKSTEP_TORTURE: folder } }),
    execa(process.execPath, ['-e', script, folder], { ...bare, env: { PATH } }),
    execa(process.execPath, ['-e', script], { ...bare, env: { PATH }, cwd: folder }),
  ];
  const pids = all.map(({ pid }) => pid ?? 0);
  await expect
    .poll(() =>
      processesWith(folder)
        .map(({ pid }) => pid)
        .toSorted((a, b) => a - b),
    )
    .toEqual(pids.toSorted((a, b) => a - b));
  expect((await stillRunning(folder, 0))[0]).toContain(`pid ${pids[0]}`);
  process.kill(pids[0] ?? 0, 'SIGSTOP');
  endAll(folder);
  await Promise.all(all);
  expect(await stillRunning(folder, 0)).toEqual([]);
});

it('files that were left, and those that were being written', () => {
  mkdirSync(join(folder, 'lockstep-abc'));
  writeFileSync(join(folder, 'results.json.tmp-x1'), '');
  expect(leftIn(folder, 'runs', (name) => name.endsWith('x1'))).toEqual(['left in runs: lockstep-abc']);
  expect(halfWritten([folder])).toEqual([`left half written: ${join(folder, 'results.json.tmp-x1')}`]);
});

it('cells that were called done and are not kept', () => {
  const told = cellsTold('PASS  a/b/1: 3 runs\nFAIL  a/c/1: integrity\nERROR  a/d/1: x\n1/3 cells, 0 failed\n');
  expect(lostCells(folder, told)).toEqual(['results.json is not there, and cells were done']);
  const cell = { scenario: 'a', strategy: 'b', engine: '1', verdict: 'fail' };
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ cells: [cell] }));
  expect(lostCells(folder, told)).toEqual([
    'the cell a/b/1 was told as pass and kept as fail',
    'the finished cell a/c/1 is lost',
  ]);
});

it('one seed gives one stream for each blow', () => {
  const drawn = (seed: number, of: string) =>
    Array.from(
      { length: 5 },
      (
        (chance) => () =>
          chance.between(0, 1e6)
      )(new Chance(seed, of)),
    );
  expect(drawn(5, 'signal')).toEqual(drawn(5, 'signal'));
  expect(drawn(5, 'signal')).not.toEqual(drawn(5, 'same-out'));
  expect(drawn(5, 'signal')).not.toEqual(drawn(6, 'signal'));
  expect(seedOfBlow(5, 0)).toBe(5);
  expect(new Set(Array.from({ length: 1000 }, (_, i) => seedOfBlow(5, i))).size).toBe(1000);
});

it('changes of a text end, and mostly change it', () => {
  const text = JSON.stringify({ a: [1, { b: 'c' }], d: null });
  const changed = Array.from({ length: 300 }, (_, i) => mutatedJson(new Chance(i), text));
  expect(new Set(changed).size).toBeGreaterThan(100);
  expect(mutatedBytes(new Chance(1), text).equals(mutatedBytes(new Chance(1), text))).toBe(true);
});
