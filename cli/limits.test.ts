// Limits of the machine (setrlimit(2)) end a command in one sentence with exit code 4, wherever they strike, and leave nothing
// behind: no process, no folder. A run never finds what only the machine lacks.
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { beforeAll, describe, expect, test } from 'vitest';
import { cacheHome } from '../harness/host/cache-home.js';
import { machineOf } from '../harness/testing/lab.test-support.ts';
import { lockstep } from './front-door.test-support.ts';
import { longButFirst } from '../harness/testing/long.test-support.ts';

beforeAll(async () => {
  await machineOf(); // builds what has to be built
});

function processesWith(text: string): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  }).length;
}

interface Ended {
  readonly code: number | undefined;
  readonly err: readonly string[];
  readonly left: readonly string[];
}

/** A short search under a limit, as a shell sets it. */
async function under(limit: string, ...more: readonly string[]): Promise<Ended> {
  return underWith({}, limit, ...more);
}

async function underWith(
  env: { readonly [name: string]: string },
  limit: string,
  ...more: readonly string[]
): Promise<Ended> {
  return withDir(
    async ({ path }) => {
      const command = `ulimit ${limit}; exec "$0" "$@"`;
      const args = ['run', 'wal-reset', '--engine', '3.54.1', '--runs', '2', '--out', path, ...more];
      const got = await execa('bash', ['-c', command, process.execPath, lockstep, ...args], {
        env: { LOCKSTEP_RUNS: path, ...env },
        reject: false,
        stdin: 'ignore',
      });
      while (processesWith(path) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const left = readdirSync(path).filter((name) => name.startsWith('lockstep-'));
      return { code: got.exitCode, err: got.stderr.split('\n'), left };
    },
    { unsafeCleanup: true },
  );
}

const sentence = (...words: readonly string[]): readonly unknown[] =>
  words.map((word): unknown => expect.stringContaining(word));

describe.runIf(process.platform === 'linux' && existsSync('/bin/bash'))('a limit on', () => {
  // From where Node itself starts to where there is enough: each strikes another place.
  test.each([24, 25, 26, 27, 29, 34, 41])('open files: %d', longButFirst, async (files) => {
    const { code, err, left } = await under(`-n ${files}`);
    expect({ code, left }).toEqual({ code: 4, left: [] });
    expect(err).toEqual([
      expect.stringMatching(/EMFILE|too many files are open/),
      expect.stringContaining('ulimit -n'),
    ]);
  });

  test('open files, with jobs', async () => {
    const { code, err, left } = await under('-n 30', '--jobs', '2');
    expect({ code, left }).toEqual({ code: 4, left: [] });
    expect(err).toEqual(sentence('EMFILE', 'ulimit -n'));
  });

  test.each([1, 10])('the size of files: %d blocks', async (blocks) => {
    const { code, err, left } = await under(`-f ${blocks}`);
    expect({ code, left }).toEqual({ code: 4, left: [] });
    expect(err).toEqual(sentence('EFBIG', 'ulimit -f'));
  });

  // What Node writes when it ends is longer, and killed it by SIGXFSZ behind that sentence.
  test('the size of files, where nothing is kept yet of what Node compiled', async () => {
    await withDir(
      async ({ path: LOCKSTEP_CACHE }) => {
        for (const name of readdirSync(cacheHome()))
          if (!name.startsWith('node')) symlinkSync(join(cacheHome(), name), join(LOCKSTEP_CACHE, name));
        const { code, err, left } = await underWith({ LOCKSTEP_CACHE }, '-f 1');
        expect({ code, left }).toEqual({ code: 4, left: [] });
        expect(err).toEqual(sentence('EFBIG', 'ulimit -f'));
      },
      { unsafeCleanup: true },
    );
  });
});
