import { constants, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFifo } from './native.ts';
import { openRegular, readRegular } from './regular-file.ts';

let scratch: DirectoryResult;
const at = (name: string): string => path.join(scratch.path, name);

beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
});

afterEach(async () => {
  await scratch.cleanup();
});

test('a file that is made is its owner’s alone', () => {
  openRegular(at('own'), constants.O_RDWR | constants.O_CREAT);
  expect(statSync(at('own')).mode & 0o777).toBe(0o600);
});

test.each([
  ['a link to a file', () => symlinkSync(at('other'), at('it'))],
  ['a link to nothing, which would make it', () => symlinkSync(at('nothing'), at('it'))],
  ['a folder', () => mkdirSync(at('it'))],
  ['a FIFO, which would hold its reader', () => makeFifo(at('it'))],
])('%s is refused with a sentence that names it, and nothing is written elsewhere', (_, plant) => {
  writeFileSync(at('other'), 'theirs');
  plant();
  for (const attempt of [
    () => openRegular(at('it'), constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC),
    () => readRegular(at('it'), 1000),
  ]) {
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'NOT_A_REGULAR_FILE',
        kind: 'harness',
        message: expect.stringContaining(at('it')),
      }),
    );
  }
  expect(existsSync(at('nothing'))).toBe(false);
  expect(readFileSync(at('other'), 'utf8')).toBe('theirs');
});

test('reads what is short enough', () => {
  writeFileSync(at('it'), 'twelve bytes');
  expect(readRegular(at('it'), 12).toString()).toBe('twelve bytes');
  expect(() => readRegular(at('it'), 11)).toThrow(RangeError);
});
