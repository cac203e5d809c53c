// Nothing is left behind, however a coordinator goes: no process of its tree, no file of its runs.
import { existsSync, globSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { withDir } from 'tmp-promise';
import { beforeAll, describe, expect, test } from 'vitest';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import { long } from '../testing/long.test-support.ts';

const program = fileURLToPath(new URL('../testing/coordinator-main.test-support.ts', import.meta.url));

beforeAll(async () => {
  (await coordinatorOf()).close(); // builds what has to be built
});

/** Processes with this text in their command line. */
function processesWith(text: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const running = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
      return running && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Starts a coordinator in a process of its own, ends it in some way, and waits until its tree is gone. */
async function endedBy(mode: string, end: (pid: number, path: string) => void): Promise<{ left: string[] }> {
  return withDir(
    async ({ path }) => {
      const child = execa(process.execPath, ['--no-warnings', program, mode], {
        env: { LOCKSTEP_RUNS: path },
        reject: false,
        stdin: 'ignore',
      });
      await until(() => existsSync(join(path, 'running')));
      const tree = processesWith(path);
      expect(tree.length).toBeGreaterThanOrEqual(2);
      if (child.pid !== undefined) end(child.pid, path);
      await child;
      await until(() => processesWith(path).length === 0);
      return { left: readdirSync(path).filter((name) => name.startsWith('lockstep-')) };
    },
    { unsafeCleanup: true },
  );
}

const goOn = (_pid: number, path: string) => writeFileSync(join(path, 'go'), '');

describe('processes and files are gone', () => {
  test('when it returns', long, async () => {
    expect(await endedBy('return', goOn)).toEqual({ left: [] });
  });
  test('when it throws', long, async () => {
    expect(await endedBy('throw', goOn)).toEqual({ left: [] });
  });
  test('when it exits in the middle of a run', long, async () => {
    expect(await endedBy('exit', goOn)).toEqual({ left: [] });
  });
  test('on Ctrl-C', async () => {
    expect(await endedBy('wait', (pid) => process.kill(pid, 'SIGINT'))).toEqual({ left: [] });
  });
  test('on SIGTERM', long, async () => {
    expect(await endedBy('wait', (pid) => process.kill(pid, 'SIGTERM'))).toEqual({ left: [] });
  });

  test('on SIGKILL the processes are gone at once, even one that never comes back to the gate; the files with the next', async () => {
    await withDir(
      async ({ path }) => {
        const env = { LOCKSTEP_RUNS: path };
        const child = execa(process.execPath, ['--no-warnings', program, 'stuck'], {
          env,
          reject: false,
          stdin: 'ignore',
        });
        await until(() => existsSync(join(path, 'running')));
        child.kill('SIGKILL');
        await child;
        await until(() => processesWith(path).length === 0);
        expect(readdirSync(path).filter((name) => name.startsWith('lockstep-'))).toHaveLength(1);
        writeFileSync(join(path, 'go'), '');
        await execa(process.execPath, ['--no-warnings', program, 'return'], { env, reject: false, stdin: 'ignore' });
        expect(readdirSync(path).filter((name) => name.startsWith('lockstep-'))).toEqual([]);
      },
      { unsafeCleanup: true },
    );
  });

  test('on SIGKILL a child that a process has forked is gone, even where it never comes back to the gate', async () => {
    await withDir(
      async ({ path }) => {
        const env = { LOCKSTEP_RUNS: path, TMPDIR: path };
        const child = execa(process.execPath, ['--no-warnings', program, 'forked'], {
          env,
          reject: false,
          stdin: 'ignore',
        });
        await until(() => globSync('**/forked', { cwd: path }).length > 0); // folders come and go meanwhile
        expect(processesWith(path).length).toBeGreaterThanOrEqual(3); // the zygote, the parent, and the child
        child.kill('SIGKILL');
        await child;
        await until(() => processesWith(path).length === 0);
      },
      { unsafeCleanup: true },
    );
  });
});
