// A process is silent when nothing of it wakes, and nothing that it has started: by a clock that the test turns.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { whereaboutsOfThreads } from './process-state.ts';
import { Silence, silenceMsMost } from './silence.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
});

/** A shell that has said that it is there, and how it goes on. */
async function start(goesOn: string): Promise<number> {
  const child = spawn('/bin/sh', ['-c', `echo; ${goesOn}`], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  started.push(child);
  await once(child.stdout, 'data');
  await wait(100); // it has come to what it does from now on
  return child.pid ?? 0;
}

/** Result: after so many looks, a second of the clock apart, it counts as silent; Infinity: it does not in twice the time. */
async function looksUntilSilent(pid: number): Promise<number> {
  let now = 0;
  const silence = new Silence(pid, () => now);
  for (let looks = 1; looks <= (2 * silenceMsMost) / 1000; looks++) {
    now += 1000;
    if (silence.look() !== undefined) return looks;
    await wait(5);
  }
  return Infinity;
}

describe.runIf(process.platform === 'linux')('silent', () => {
  test('is a process that waits for what never comes, once it has done so for long', async () => {
    // The first look has none to compare with.
    expect(await looksUntilSilent(await start('exec sleep 1000'))).toBe(silenceMsMost / 1000 + 1);
  });

  test('is none that wakes now and then', async () => {
    expect(await looksUntilSilent(await start('while :; do sleep 0.001; done'))).toBe(Infinity);
  });

  test('is none that waits for a process that does something', async () => {
    expect(await looksUntilSilent(await start('/bin/sh -c "while :; do :; done"; :'))).toBe(Infinity);
  });

  test('is none that is looked at by somebody who was stopped himself', async () => {
    let now = 0;
    const silence = new Silence(await start('exec sleep 1000'), () => now);
    silence.look();
    now += 10 * silenceMsMost;
    expect(silence.look()).toBeUndefined();
  });
});

test.runIf(process.platform === 'linux')('where threads stand is told once for those that stand alike', async () => {
  const pid = await start('exec sleep 1000');
  expect(whereaboutsOfThreads(pid)).toEqual([expect.stringMatching(/^sleep: asleep( in|$)/)]);
  const all = whereaboutsOfThreads(process.pid);
  expect(all.some((line) => /^\d+ times \S+: /.test(line))).toBe(true);
  expect(new Set(all).size).toBe(all.length);
  expect(whereaboutsOfThreads(2 ** 22 + 1)).toEqual([]);
});
