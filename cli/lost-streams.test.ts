// What a command does when nobody listens any more: a full log, a reader that has had enough, a limit on the size of a file.
// The work goes on to its end, and the exit code says what came of it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultsSchema } from '../reports/results.ts';
import { lockstep, runShape } from './front-door.test-support.ts';
import { longButFirst } from '../harness/testing/long.test-support.ts';

const minimal = fileURLToPath(new URL('../scenarios/corpus/minimal/wal-reset.wal.3.51.2.json', import.meta.url));

let folder: DirectoryResult;
beforeAll(async () => {
  folder = await dir({ unsafeCleanup: true });
});
afterAll(() => folder.cleanup());

/** A command line as a shell reads it, with `lockstep` before it; the exit code is that of lockstep. */
async function shell(line: string, before = '') {
  const script = `set -o pipefail; lockstep() { "${process.execPath}" "${lockstep}" "$@"; }; ${before} lockstep ${line}`;
  const got = await execa('bash', ['-c', script], { cwd: folder.path, reject: false, stdin: 'ignore' });
  return { code: got.exitCode, out: got.stdout, err: got.stderr };
}

function hasPage(out: string): boolean {
  const page = join(folder.path, out, 'index.html');
  return existsSync(page) && readFileSync(page, 'utf8').trimEnd().endsWith('</html>');
}

const canary = 'compare --scenarios wal-reset --engines 3.51.2,3.54.1 --no-costs --runs 3';

describe('a comparison writes all its files, and its exit code is its verdict', () => {
  test.each([
    ['standard error is full', '2>/dev/full', 1],
    ['standard output is full', '>/dev/full', 1],
    ['both are', '>/dev/full 2>&1', 1],
    ['a reader of both has had enough', '2>&1 | head -1', 1],
    ['the document had no room', '--json >/dev/full', 4],
    ['a reader of the document has had enough', '--json | head -c 1', 1],
  ] as const)('%s', longButFirst, async (what, redirection, expected) => {
    const out = what.replaceAll(' ', '-');
    const { code, err } = await shell(`${canary} --out ${out} ${redirection}`);
    expect({ code, page: hasPage(out) }).toEqual({ code: expected, page: true });
    const results = resultsSchema.parse(JSON.parse(readFileSync(join(folder.path, out, 'results.json'), 'utf8')));
    expect(results.cells.map(({ verdict }) => verdict)).toContain('fail');
    expect(results.cells).toHaveLength(2);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('where only what is printed is the result, and it could not be written: exit 4, and a sentence', () => {
  test.each([
    ['--help'],
    ['list'],
    ['engines --json'],
    [`replay ${minimal}`],
    ['run wal-reset --engine 3.54.1 --runs 1 --json'],
  ])('%s', async (line) => {
    const { code, err } = await shell(`${line} >/dev/full`);
    expect(code).toBe(4);
    expect(err).toMatch(/Standard output could not be written: ENOSPC/);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('a reader that closed its end is no error', () => {
  test.each([
    ['list', 0],
    [`replay ${minimal}`, 1],
    ['run wal-reset --engine 3.54.1 --runs 1 --json', 3],
  ] as const)('%s', async (line, expected) => {
    expect(await shell(`${line} 2>&1 | true`)).toEqual({ code: expected, out: '', err: '' });
  });
});

test('a run finds, keeps its plan and fails as it should, though nobody hears of it', async () => {
  const { code } = await shell('run wal-reset --runs 60 --no-shrink --out unheard >/dev/full 2>&1');
  expect(code).toBe(1);
  const plan = await shell('replay unheard/wal-reset-wal-3.51.2-seed1.found.json');
  expect(plan.code).toBe(1);
});

test('a file that may not grow any more took a part of the document: that is no success', async () => {
  const { code, err } = await shell('list --json >part.json', 'ulimit -f 4;');
  expect(readFileSync(join(folder.path, 'part.json'), 'utf8').length).toBeLessThanOrEqual(4096);
  expect({ code, err }).toEqual({ code: 4, err: expect.stringMatching(/EFBIG/) as string });
});

test('a slow reader gets everything', async () => {
  const { code, out } = await shell('list --json | (sleep 1; cat)');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ format: 1 });
  const failing = await shell('run wal-reset --engine 3.54.1 --runs 1 --json | (sleep 1; cat)');
  expect(runShape.parse(JSON.parse(failing.out)).verdict).toBe('inconclusive');
});

test('wrong input is said on standard output where standard error is full, and is still wrong input', async () => {
  const { code, out } = await shell('run nonesuch 2>/dev/full');
  expect({ code, out }).toEqual({ code: 2, out: expect.stringMatching(/no scenario "nonesuch"/) as string });
});
