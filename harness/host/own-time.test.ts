// A process's own time: what it computes and what it sleeps counts; what it waits for a processor does not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { keepTo } from './native.ts';
import { whereabouts } from './process-state.ts';
import { OwnTime } from './own-time.ts';
import { allProcessors } from './processors.ts';
import { Wait } from './waiting.ts';
import { long } from '../testing/long.test-support.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that says when it has begun. */
async function start(program: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', `require('fs').writeSync(1, 'x'); ${program}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('It did not start.');
  return child.pid;
}

const computing = 'for (;;);';
const sleeping = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';

async function watched(pid: number, looks: number): Promise<OwnTime> {
  const time = new OwnTime(pid);
  time.look();
  for (let i = 0; i < looks; i++) {
    await wait(200);
    time.look();
  }
  return time;
}

describe.runIf(process.platform === 'linux')('the time of its own', () => {
  test('is a part of the real one where many compute on one processor', long, async () => {
    const pids = await Promise.all(Array.from({ length: 6 }, () => start(computing)));
    for (const pid of pids) keepTo(pid, allProcessors.slice(0, 1));
    const time = await watched(pids[0] ?? 0, 12);
    expect(time.ownMs).toBeLessThan(time.totalMs / 2);
    expect(time.cpuMs).toBeGreaterThan(0);
  });

  test('is nearly all of it for one that sleeps, however busy the machine is', long, async () => {
    await Promise.all(Array.from({ length: 4 }, () => start(computing)));
    const time = await watched(await start(sleeping), 6);
    expect(time.ownMs).toBeGreaterThan(0.8 * time.totalMs);
  });

  test('is all of the real time where nobody knows whose it is', async () => {
    const time = new OwnTime(undefined);
    await wait(50);
    time.look();
    expect(time.ownMs).toBe(time.totalMs);
  });
});

describe.runIf(process.platform === 'linux')('a wait that is given up says', () => {
  async function says(pid: number, limitMs = 500): Promise<string> {
    const given = new Wait({ pid }, { limitMs, stop: () => false });
    for (;;) {
      const stuck = given.look();
      if (stuck !== undefined) return stuck.says;
      await wait(50);
    }
  }

  test('that it computed', async () => {
    expect(await says(await start(computing))).toMatch(/^it computed for 0\.\d+ s$/);
  });

  test('that it was stopped, long before its limit', async () => {
    const pid = await start(sleeping);
    process.kill(pid, 'SIGSTOP');
    expect(await says(pid, 3_600_000)).toMatch(/^for \d+(\.\d+)? s it was stopped by a signal/);
  });

  test('in which system call it stands', async () => {
    expect(await says(await start(sleeping))).toMatch(/^for .* s it was asleep in futex/);
  });

  test('that it is stopped', async () => {
    const pid = await start(sleeping);
    process.kill(pid, 'SIGSTOP');
    expect(await says(pid)).toMatch(/it was stopped by a signal/);
  });

  test('that it is gone', () => {
    expect(whereabouts(2 ** 22 + 1)).toBe('gone');
  });
});
