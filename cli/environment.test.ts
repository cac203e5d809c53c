// Folders that the environment names, and that are none: `list` and `--help` work whatever it says; what needs the folder
// says so in a sentence; nothing hangs.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callIn, type Env } from './front-door.test-support.ts';
import { longButFirst } from '../harness/testing/long.test-support.ts';

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
  mkdirSync(path('cwd'));
  writeFileSync(path('file'), '');
  symlinkSync(path('nothing', 'here'), path('dangling'));
});
afterAll(() => folder.cleanup());

const path = (...parts: readonly string[]) => join(folder.path, ...parts);
const call = (args: readonly string[], env: Env) => callIn(path('cwd'), args, env);

const resolved = (value: string) => (value.startsWith('/') ? value : path(value));

describe('what needs no folder works', () => {
  // No folder can be made below /proc, and Node's own way of making one never ends there.
  test.each([
    ['TMPDIR', '/proc'],
    ['TMPDIR', 'dangling'],
    ['LOCKSTEP_CACHE', '/proc'],
    ['LOCKSTEP_CACHE', 'file'],
    ['XDG_CACHE_HOME', '/proc/1'],
    ['HOME', '/proc'],
    ['LOCKSTEP_RUNS', '/proc'],
  ])('%s=%s', longButFirst, async (name, value) => {
    const env = { LOCKSTEP_CACHE: '', XDG_CACHE_HOME: '', [name]: resolved(value) };
    expect(await call(['list'], env)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/wal-reset/) as string,
    });
  });

  test('--help', async () => {
    expect(await call(['--help'], { TMPDIR: '/proc', LOCKSTEP_CACHE: '/proc' })).toMatchObject({ code: 0, err: '' });
  });
});

const run = ['run', 'wal-reset', '--engine', '3.54.1', '--runs', '1', '--out', '/tmp'];

test.each(['', 'here'])('HOME=%s names no home: nothing is made where it was called', async (HOME) => {
  expect(await call(run, { LOCKSTEP_CACHE: '', XDG_CACHE_HOME: 'here', HOME })).toMatchObject({ code: 3, err: '' });
  expect(readdirSync(path('cwd'))).toEqual([]);
});

describe('what needs the folder says so', () => {
  test.each([
    ['LOCKSTEP_CACHE', '/proc'],
    ['LOCKSTEP_CACHE', 'file'],
    ['LOCKSTEP_CACHE', 'dangling'],
    ['XDG_CACHE_HOME', '/proc'],
    ['HOME', '/proc/1'],
    ['LOCKSTEP_RUNS', '/proc'],
    ['LOCKSTEP_RUNS', 'file'],
    ['LOCKSTEP_RUNS', 'dangling'],
  ])('%s=%s', longButFirst, async (name, value) => {
    const { code, err } = await call(run, { LOCKSTEP_CACHE: '', XDG_CACHE_HOME: '', [name]: resolved(value) });
    expect({ code, err }).toEqual({
      code: 4,
      err: expect.stringMatching(/lockstep: .*LOCKSTEP_(CACHE|RUNS)/s) as string,
    });
    expect(err).not.toMatch(/\n\s+at |defect/);
  });

  test('a temporary directory that is none is not needed where everything is built', async () => {
    expect((await call(run, { TMPDIR: '/proc' })).code).toBe(3);
  });
});
