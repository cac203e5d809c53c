// Every wait of the front door hears Ctrl-C and SIGTERM: the command ends with what it has, says so in a sentence, and leaves
// nothing behind.
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { dir, type DirectoryResult } from 'tmp-promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Env, lockstep } from './front-door.test-support.ts';
import { long, longButFirst } from '../harness/testing/long.test-support.ts';

let folder: DirectoryResult;
beforeEach(async () => {
  folder = await dir({ unsafeCleanup: true });
});
afterEach(() => folder.cleanup());

const path = (...parts: readonly string[]) => join(folder.path, ...parts);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

function start(args: readonly string[], env: Env = {}) {
  const options = { cwd: folder.path, env, reject: false, stdin: 'ignore', forceKillAfterDelay: false } as const;
  return execa(process.execPath, [lockstep, ...args], options);
}

/** Does a process run that has this in its environment? Wherever it went, whoever its parent is now. */
function isRunning(mark: string): Promise<boolean> {
  return execa(
    'grep',
    ['-lsa', mark, ...readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [`/proc/${pid}/environ`] : []))],
    {
      reject: false,
    },
  ).then(({ stdout }) => stdout !== '');
}

/** A compiler that never ends, and says that it has begun. */
function slowCompiler(): Env {
  const compiler = path('cc');
  writeFileSync(
    compiler,
    `#!/bin/sh\ncase "$*" in *--version*) echo slow; exit;; esac\ntouch "${path('begun')}"\nsleep 600\n`,
  );
  chmodSync(compiler, 0o755);
  mkdirSync(path('tmp'));
  return {
    CC: compiler,
    CXX: compiler,
    LOCKSTEP_CACHE: path('cache'),
    TMPDIR: path('tmp'),
    NODE_DISABLE_COMPILE_CACHE: '1',
    MARK: folder.path,
  };
}

function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );
}

const interrupted = /^interrupted: /m;

describe('while something is built', () => {
  test.each([
    ['run', ['run', 'wal-reset']],
    ['doctor', ['doctor']],
    ['engines build', ['engines', 'build', '3.51.2']],
    ['compare', ['compare', '--scenarios', 'wal-reset']],
  ])('%s', longButFirst, async (_what, args) => {
    const env = slowCompiler();
    const child = start([...args, '--json'], env);
    await until(() => existsSync(path('begun')));
    child.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await child;
    expect({ exitCode, stderr }).toEqual({ exitCode: 143, stderr: expect.stringMatching(interrupted) as string });
    expect(JSON.parse(stdout)).toMatchObject({ format: 1, error: { code: 'INTERRUPTED' } });
    expect(stderr).not.toMatch(/\n\s+at |defect|compile the/);
    expect(await isRunning(`MARK=${folder.path}`)).toBe(false);
    expect(readdirSync(path('tmp'))).toEqual([]);
    expect(
      filesBelow(path('cache')).filter((name) => !/\.(lock|cache)$/.test(name) && !/^[0-9a-f]{8}/.test(name)),
    ).toEqual([]);
  });

  test('who waits for another that builds hears it too, and the other goes on', long, async () => {
    const env = slowCompiler();
    const builds = start(['engines', 'build', '3.51.2'], env);
    await until(() => existsSync(path('begun')));
    const waits = start(['engines', 'build', '3.51.2'], env);
    waits.stderr.on('data', (text) => {
      if (/waiting/.test(String(text))) waits.kill('SIGINT');
    });
    expect((await waits).exitCode).toBe(130);
    expect(await isRunning(`MARK=${folder.path}`)).toBe(true);
    builds.kill('SIGINT');
    expect((await builds).exitCode).toBe(130);
    expect(await isRunning(`MARK=${folder.path}`)).toBe(false);
  });
});

describe('while something runs', () => {
  const runs = (): Env => {
    mkdirSync(path('runs'), { recursive: true });
    return { LOCKSTEP_RUNS: path('runs') };
  };

  test.each([
    [
      'the costs of strategies',
      ['bench', '--costs', 'wal,best', '--cost-time', '10m'],
      z.object({ costs: z.array(z.unknown()) }),
    ],
    [
      'stress',
      ['bench', '--stress', '10m', '--engines', 'plain'],
      z.object({ knownBug: z.object({ configurations: z.array(z.unknown()) }) }),
    ],
    [
      'a first replay',
      ['reproduce', 'orphan-dispatcher'],
      z.object({ error: z.object({ code: z.literal('INTERRUPTED') }) }),
    ],
    ['a sweep', ['sweep', 'orphan-dispatcher'], z.object({ interrupted: z.literal(true) })],
  ] as const)('%s', longButFirst, async (_what, args, shape) => {
    const env = runs();
    const child = start([...args, '--json'], env);
    await until(() => readdirSync(path('runs')).length > 0);
    await sleep(700);
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await child;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringMatching(interrupted) as string });
    shape.parse(JSON.parse(stdout));
    expect(readdirSync(path('runs'))).toEqual([]);
    expect(stderr).not.toMatch(/\n\s+at |defect/);
  });

  test('a second signal ends it at once, in the middle of what the first asked to stop', async () => {
    const env = runs();
    const child = start(
      ['compare', '--scenarios', 'wal-reset', '--engines', '3.54.1', '--no-costs', '--runs', '1000000'],
      env,
    );
    await until(() => readdirSync(path('runs')).length > 0);
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect([130, 143]).toContain((await child).exitCode);
    await until(() => readdirSync(path('runs')).length === 0);
  });
});

test.each([
  ['thrown', 'setTimeout(() => { throw new Error("out of the blue") }, 1500)'],
  ['rejected', 'setTimeout(() => Promise.reject(new Error("out of the blue")), 1500)'],
  ['thrown, and no error', 'setTimeout(() => { throw "out of the blue\\u001b[2J" }, 1500)'],
])('an error that nobody catches is a sentence and exit code 4: %s', longButFirst, async (_what, script) => {
  mkdirSync(path('runs'));
  const env = {
    LOCKSTEP_RUNS: path('runs'),
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
  };
  const { exitCode, stdout, stderr } = await start(
    ['run', 'wal-reset', '--engine', '3.54.1', '--time', '10m', '--json'],
    env,
  );
  expect({ exitCode, stderr }).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(/^lockstep: out of the blue.*\nThis is a defect of Lockstep: .*$/) as string,
  });
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERNAL' } });
  expect(readdirSync(path('runs'))).toEqual([]);
});
