// The World's promises, one by one, in real processes: what a program may do, and how it may end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failingPrograms } from '../testing/failing.test-support.ts';
import { coordinatorOf, observed, planOf, process, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { StartProcess } from '../model/process.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { Coordinator } from './coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ limitMs: 5000 });
});
afterAll(() => coordinator.close());

async function run(start: readonly StartProcess[], plan: Partial<Plan> = {}, journal: 'wal' | 'delete' = 'wal') {
  return coordinator.run(scenarioOf(start, journal), planOf(plan));
}

describe('how a lane ends', () => {
  test('by returning', async () => {
    const { endings, deaths, end } = await run([process('p', 'nothing')]);
    expect({ endings, deaths, end }).toEqual({
      endings: [{ lane: 'p', ending: { how: 'returned' } }],
      deaths: [],
      end: 'done',
    });
  });

  test('by throwing: the error is recorded, the run goes on', async () => {
    const { endings, end } = await run([process('p', 'throwing'), process('q', 'sleeping', 10)]);
    expect(endings[0]?.ending).toEqual({ how: 'threw', error: 'on purpose' });
    expect({ end, other: endings[1]?.ending.how }).toEqual({ end: 'done', other: 'returned' });
  });

  test('by world.exit: connections are dropped, not closed', async () => {
    const keeper = new StepKeeper();
    const history = await coordinator.run(scenarioOf([process('p', 'exiting', 3)]), planOf(), undefined, [keeper]);
    expect(history.endings).toEqual([{ lane: 'p', ending: { how: 'exited', code: 3 } }]);
    expect(keeper.steps.filter(({ op }) => op === 'open').length).toBeGreaterThan(0);
    expect(keeper.steps.filter(({ op, role }) => op === 'close' && role === 'db')).toEqual([]);
    expect(history.autopsy.files.map(({ name }) => name)).toContain('lab.db-wal');
  });

  test('not by process.exit behind the World: that is an error of the harness', async () => {
    const base = scenarioOf([process('p', 'exitingRaw', 7), process('q', 'tellingPid')]);
    const programs = { ...failingPrograms, setup: base.programs['setup'] ?? { module: '', export: '' } };
    const going = coordinator.run({ ...base, programs }, planOf());
    await expect(going).rejects.toThrow(/process p ended by itself with exit code 7/);
  });

  test('by a stop, though it asks for nothing', async () => {
    let steps = 0;
    const sink = { see: () => void steps++ };
    const scenario = scenarioOf([process('p', 'steppingForEver')]);
    const plan = planOf({ parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 10_000_000 } });
    const going = coordinator.run(scenario, plan, undefined, [sink], () => steps > 10_000);
    await expect(going).rejects.toBeInstanceOf(RunInterrupted);
    expect(steps).toBeLessThan(100_000);
  });

  test('never: a harness error that names the lane, its process gone, and the next run works', async () => {
    const impatient = await coordinatorOf({ limitMs: 500 });
    try {
      await expect(impatient.run(scenarioOf([process('p', 'neverReturning')]), planOf())).rejects.toThrow(
        /lane p did not come back.*step/s,
      );
      expect((await impatient.run(scenarioOf([process('p', 'nothing')]), planOf())).end).toBe('done');
    } finally {
      impatient.close();
    }
  });

  test('never, but stepping: cut off at the bound on steps', async () => {
    const scenario = scenarioOf([process('p', 'steppingForEver')]);
    const history = await coordinator.run(
      scenario,
      planOf({ parameters: { gateways: 1, horizonMs: 1000, stepsMax: 500 } }),
    );
    expect({ end: history.end, steps: history.steps }).toEqual({ end: 'cut off', steps: 501 });
    expect(violationsOf(scenario, history).map(({ invariant }) => invariant)).toEqual(['lanes-end']);
  });

  test('with a connection left open: its locks go with the process, and the next run is not touched', async () => {
    const before = (await run([process('p', 'inserting', { from: 0, count: 3 })])).hash;
    const leaked = await run([process('p', 'leaking', 10), process('q', 'inserting', { from: 0, count: 3 })]);
    expect(leaked.endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned']);
    expect((await run([process('p', 'inserting', { from: 0, count: 3 })])).hash).toBe(before);
  });
});

describe('time and chance', () => {
  test('sleep moves virtual time by as much as was asked', async () => {
    const history = await run([process('p', 'sleeping', 250_000)]);
    expect(observed(history, 'slept')).toEqual([250_000]);
    expect(history.virtualMs).toBe(250_000);
  });

  test("the plan's end wakes sleepers and says so", async () => {
    const history = await run([process('p', 'sleepingUntilStopped', 60_000)], {
      parameters: { gateways: 1, horizonMs: 150_000, stepsMax: 1000 },
    });
    expect(history.end).toBe('stopped');
    expect(observed(history, 'naps')).toEqual([3]);
  });

  test('random numbers come from the seed and the lane', async () => {
    const draw = async (seed: number) =>
      observed(await run([process('p', 'drawing', 3), process('q', 'drawing', 3)], { seed }), 'drawn');
    const [first, other] = [await draw(1), await draw(2)];
    expect(await draw(1)).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    for (const value of (first as number[][]).flat()) expect(value >= 0 && value < 1).toBe(true);
  });
});

describe('files and locks', () => {
  test('each operation is real, with logical inodes', async () => {
    const history = await run([process('p', 'usingFiles')]);
    expect(observed(history, 'exclusive')).toEqual([{ error: 'EEXIST' }]);
    expect(observed(history, 'gone')).toEqual([{ error: 'ENOENT' }]);
    expect(observed(history, 'files')).toEqual([
      { sameInode: true, otherInode: true, size: 5, gone: true, part: 'ell', list: ['a', 'd', 'lab.db'] },
    ]);
  });

  test('a flock excludes, waits in virtual time, and dies with its holder', async () => {
    const history = await run([
      process('holder', 'flocking', { holdMs: 1000 }),
      process('hasty', 'flocking', { timeoutMs: 100 }),
      process('patient', 'flocking', { timeoutMs: 5000 }),
    ]);
    expect(observed(history, 'flock')).toEqual([
      { lane: 'holder', held: true, afterMs: 0 },
      { lane: 'hasty', held: false, afterMs: 100 },
      { lane: 'patient', held: true, afterMs: 1000 },
    ]);
    const killed = await run(
      [process('holder', 'flocking', { holdMs: 100_000 }), process('patient', 'flocking', { timeoutMs: 50_000 })],
      {
        faults: [{ kind: 'kill', at: { timeMs: 2000 }, process: 'holder' }],
      },
    );
    expect(observed(killed, 'flock').at(-1)).toEqual({ lane: 'patient', held: true, afterMs: 2000 });
  });

  test.each([
    ['lab.db', 1],
    ['the.lock', 0],
  ])('a file whose flock is not had is closed: %s, which drops %d locks on it, in a step', async (file, dropped) => {
    const scenario = scenarioOf(
      [process('holder', 'flocking', { file, holdMs: 1000 }), process('p', 'flockingWhileReading', { file })],
      'delete',
    );
    const keeper = new StepKeeper();
    const history = await coordinator.run(scenario, planOf(), undefined, [keeper]);
    expect(observed(history, 'held')).toEqual([false]);
    const closes = keeper.steps.filter(({ op, lane }) => op === 'funlock' && lane === 'p');
    expect(closes.map(({ text }) => text)).toEqual(dropped === 0 ? [] : ['refused']);
    expect(history.marks['locks-cancelled'] ?? 0).toBe(dropped);
    const [look] = history.looks;
    expect(look?.believed.length).toBe(1);
    expect(look?.locks.filter((lock) => lock.process === 'p' && lock.kind === 'posix')).toHaveLength(1 - dropped);
  });

  test('two shared flocks go together', async () => {
    const both = await run([
      process('a', 'flocking', { mode: 'shared', holdMs: 100 }),
      process('b', 'flocking', { mode: 'shared' }),
    ]);
    expect(observed(both, 'flock').map((one) => (one as { held: boolean }).held)).toEqual([true, true]);
  });
});

describe('what the trace holds of raw operations', () => {
  test('their contents, and no path in an error', async () => {
    const [one, two] = [
      await run([process('p', 'writingChance')], { seed: 1 }),
      await run([process('p', 'writingChance')], { seed: 2 }),
    ];
    expect(one.endings[0]?.ending).toEqual({ how: 'threw', error: 'ENOENT: flock nofolder/the.lock: ENOENT' });
    expect(two.hash).not.toBe(one.hash);
    expect((await run([process('p', 'writingChance')], { seed: 1 })).hash).toBe(one.hash);
  });
});

describe('processes, threads and messages', () => {
  test('a wait that begins after SIGTERM ends at once', async () => {
    const history = await run([process('p', 'listeningWhenStopped'), process('q', 'stopping', 'p')]);
    expect(history.observations.find(({ kind }) => kind === 'heard')?.nowMs).toBe(5000);
  });

  test('spawn, poll, wait, kill', async () => {
    const history = await run([process('p', 'parent')]);
    const said = Object.fromEntries(history.observations.map(({ kind, data }) => [kind, data]));
    expect(said).toEqual({
      alive: true,
      'too-early': true,
      slept: 1000,
      ending: { how: 'returned' },
      taken: { error: 'The name child is taken in this run.' },
      'unknown-name': { error: expect.stringContaining('is no name for a process') as string },
      killed: true,
      'killed-again': false,
      victim: { how: 'killed', signal: 'SIGKILL' },
      naps: 3,
      asked: true,
      polite: { how: 'returned' },
    });
    expect(history.deaths).toMatchObject([{ process: 'victim', ending: { how: 'killed', signal: 'SIGKILL' } }]);
  });

  test('threads share memory and mutexes, and each is a lane', async () => {
    const history = await run([process('p', 'threads')]);
    expect(observed(history, 'shared')).toEqual([6]);
    expect(observed(history, 'thread')).toEqual([
      { name: 'one', lane: 'p/one', process: 'p' },
      { name: 'two', lane: 'p/two', process: 'p' },
    ]);
  });

  test('threads of one process work on one database', async () => {
    const history = await run([process('p', 'connectingThreads')]);
    expect(history.autopsy.queries['t']).toHaveLength(10);
    expect(history.autopsy.integrity).toEqual(['ok']);
  });

  test('messages arrive in order, waits end with the time or the run', async () => {
    const history = await run([process('p', 'talking', 'q'), process('q', 'listening')]);
    const said = Object.fromEntries(history.observations.map(({ kind, data }) => [kind, data]));
    expect(said).toEqual({
      sent: { nobody: false, somebody: true },
      got: { from: 'p', message: { text: 'hello "you" é' } },
      answer: { from: 'q', message: 'thanks' },
      silence: null,
      stopped: true,
    });
  });
});
