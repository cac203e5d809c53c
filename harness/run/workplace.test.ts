// Where runs live is shared with others: nothing of theirs may go, whatever it is called, and nothing of ours may stay.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type DirectoryResult, dir } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeWorkplace } from './workplace.ts';

const maker = fileURLToPath(new URL('./workplace-maker.test-support.ts', import.meta.url));

let scratch: DirectoryResult;
let runs: string;
const at = (...names: string[]): string => path.join(scratch.path, ...names);

beforeEach(async () => {
  scratch = await dir({ unsafeCleanup: true });
  runs = at('runs');
  mkdirSync(runs);
  vi.stubEnv('LOCKSTEP_RUNS', runs);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch.cleanup();
});

/** Makes a workplace, which sweeps, and gives it back. */
function sweepRuns(): void {
  makeWorkplace().remove();
}

/** What a coordinator leaves that dies of a SIGKILL. Result: its folder. */
async function leftBehind(): Promise<string> {
  const child = execa(process.execPath, ['--no-warnings', maker, 'die'], { reject: false });
  expect((await child).signal).toBe('SIGKILL');
  const [name = ''] = readdirSync(runs).filter((one) => one.startsWith('lockstep-'));
  return path.join(runs, name);
}

test('is its owner’s alone, and gone when it is removed', () => {
  const workplace = makeWorkplace();
  expect(statSync(workplace.folder).mode & 0o777).toBe(0o700);
  workplace.remove();
  expect(readdirSync(runs)).toEqual([]);
});

test('what a SIGKILL left is swept, links in it are not followed', async () => {
  const folder = await leftBehind();
  mkdirSync(at('outside'));
  writeFileSync(at('outside', 'theirs'), 'theirs');
  symlinkSync(at('outside'), path.join(folder, 'link'));
  mkdirSync(path.join(folder, 'run'));
  symlinkSync(at('outside', 'theirs'), path.join(folder, 'run', 'link'));
  sweepRuns();
  expect(readdirSync(runs)).toEqual([]);
  expect(readFileSync(at('outside', 'theirs'), 'utf8')).toBe('theirs');
});

test('one whose owner lives stays', () => {
  const workplace = makeWorkplace();
  sweepRuns();
  expect(existsSync(workplace.folder)).toBe(true);
  workplace.remove();
});

describe('stays, since it is not ours', () => {
  test.each(['lockstep-mydata', 'lockstep-backup', 'lockstep-AbC123'])(
    '%s, even with a file called lock in it',
    (name) => {
      mkdirSync(path.join(runs, name), { mode: 0o700 });
      writeFileSync(path.join(runs, name, 'lock'), '');
      writeFileSync(path.join(runs, name, 'precious'), 'mine');
      sweepRuns();
      expect(readFileSync(path.join(runs, name, 'precious'), 'utf8')).toBe('mine');
    },
  );

  test('what is just being made, without its marker', () => {
    const empty = mkdtempSync(path.join(runs, 'lockstep-'));
    const locked = mkdtempSync(path.join(runs, 'lockstep-'));
    writeFileSync(path.join(locked, 'lock'), '');
    sweepRuns();
    expect([existsSync(empty), existsSync(locked)]).toEqual([true, true]);
  });

  test('a link to a folder that has our marker', async () => {
    const folder = await leftBehind();
    renameSync(folder, at('kept'));
    symlinkSync(at('kept'), folder);
    sweepRuns();
    expect(existsSync(at('kept', 'lock'))).toBe(true);
  });

  test('one whose marker is a link to one of ours', async () => {
    const folder = await leftBehind();
    renameSync(folder, at('kept'));
    mkdirSync(folder, { mode: 0o700 });
    symlinkSync(at('kept', 'lock'), path.join(folder, 'lock'));
    sweepRuns();
    expect(existsSync(folder)).toBe(true);
  });

  test('one into which others may write', async () => {
    const folder = await leftBehind();
    chmodSync(folder, 0o777);
    sweepRuns();
    expect(existsSync(folder)).toBe(true);
  });

  test.runIf(process.getuid?.() === 0)('another user’s', async () => {
    const folder = await leftBehind();
    chownSync(folder, 12_345, 12_345);
    sweepRuns();
    expect(existsSync(folder)).toBe(true);
  });
});

test('makers and sweepers beside each other take nothing from each other', async () => {
  const makers = [1, 2, 3].map(() => execa(process.execPath, ['--no-warnings', maker, 'many']));
  const said = await Promise.all(makers);
  expect(said.map(({ stdout }) => stdout)).toEqual(['kept all', 'kept all', 'kept all']);
  expect(readdirSync(runs)).toEqual([]);
});
