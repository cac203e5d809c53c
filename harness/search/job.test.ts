// A job is a process like any other: it may be killed, and is told to stop. What it was asked does not get lost by that.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { LaneBinaries } from '../run/pool.ts';
import { coordinatorOf, machineOf } from '../testing/lab.test-support.ts';
import { counter } from './counter-lab.test-support.ts';
import { Job, type RunOrder } from './job.ts';
import { Runner, type RunnerOptions } from './runner.ts';
import { longButFirst } from '../testing/long.test-support.ts';

const scenarioModule = new URL('./counter-lab.test-support.ts', import.meta.url).href;
const options: RunnerOptions = {
  strategy: 'atomic',
  engine: counter.engine,
  parameters: counter.parameters,
  seed: 2,
  chooser: 'preemptions',
};

function order(run: number): RunOrder {
  return { run, runMs: null, allMs: null };
}

let machine: LaneBinaries;
let job: Job;
beforeAll(async () => {
  machine = await machineOf();
});
afterEach(() => job.close());

function start(): Job {
  job = new Job({ ...options, scenario: counter, scenarioModule, machine });
  return job;
}

/** Sends a signal to the process of a job, and to each that takes its place, as often as is said. */
function strike(signal: NodeJS.Signals, times: number): { readonly struck: readonly number[]; stop(): void } {
  const struck: number[] = [];
  const timer = setInterval(() => {
    const { pid } = job;
    if (pid === undefined || struck.includes(pid) || struck.length === times) return;
    struck.push(pid);
    process.kill(pid, signal);
  }, 20);
  return { struck, stop: () => clearInterval(timer) };
}

describe('a run whose job is ended from outside is made by another', () => {
  test.each([
    ['SIGKILL', 1],
    ['SIGKILL', 2],
    ['SIGTERM', 1],
    ['SIGSTOP', 1],
  ] as const)('%s, %d times', longButFirst, async (signal, times) => {
    const coordinator = await coordinatorOf();
    try {
      const expected = await new Runner(coordinator, counter, options).run(3);
      const blows = strike(signal, times);
      expect(await start().run(order(3))).toEqual(expected);
      blows.stop();
      expect(blows.struck).toHaveLength(times);
    } finally {
      coordinator.close();
    }
  });

  test('but not for ever: one sentence', async () => {
    const blows = strike('SIGKILL', Infinity);
    await expect(start().run(order(5))).rejects.toMatchObject({
      code: 'JOB_DIED',
      message: expect.stringMatching(/run 5 died one after the other \(the last one: SIGKILL\)/) as string,
    });
    blows.stop();
    expect(blows.struck).toHaveLength(3);
  });
});

test('a job cuts off a run whose time is up, and makes the next one', async () => {
  const told = start();
  await expect(told.run({ run: 1, runMs: 0, allMs: null })).rejects.toThrow(RunInterrupted);
  await expect(told.run(order(1))).resolves.toMatchObject({ run: 1 });
});

test('a job that is told to stop ends the run that it is in', async () => {
  const going = start().run(order(1));
  await Promise.resolve();
  job.stop();
  await expect(going).rejects.toThrow(RunInterrupted);
});
