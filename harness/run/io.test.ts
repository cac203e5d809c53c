// Time passes in I/O, and reads and writes are switch points, where a plan says so: what happens then that cannot happen
// otherwise. That such runs repeat: determinism.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from './coordinator.ts';
import type { Parameters, Plan } from '../model/plan.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { Chooser } from './chooser.ts';
import type { StartProcess } from '../model/process.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

const given = planOf().parameters;
const cost = { seed: 3, every: 2, ms: 4 };

async function ran(
  processes: readonly StartProcess[],
  parameters: Partial<Parameters>,
  more: { readonly plan?: Partial<Plan>; readonly chooser?: Chooser } = {},
) {
  const keeper = new StepKeeper();
  const plan = planOf({ parameters: { ...given, ...parameters }, ...more.plan });
  const history = await coordinator.run(scenarioOf(processes), plan, more.chooser, [keeper]);
  return { history, steps: keeper.steps };
}

describe('time passes in I/O', () => {
  const writer = start('writer', 'inserting', { from: 0, count: 20, sleepMs: 3 });
  const acts = [
    ['copy', 'lab.db', 'copy.db'],
    ['copy', 'lab.db-wal', 'copy.db-wal'],
  ];
  const backup = start('backup', 'shelling', { afterMs: 10, acts });

  /** Commits of the writer between the two copies. */
  async function between(parameters: Partial<Parameters>): Promise<number> {
    const { history, steps } = await ran([writer, backup], parameters);
    const [first, second] = steps.filter(({ op }) => op === 'copy').map(({ step }) => step);
    return history.observations.filter(
      ({ kind, step }) => kind === 'committed' && step > (first ?? 0) && step < (second ?? 0),
    ).length;
  }

  test('so that who sleeps wakes between two copies', async () => {
    expect(await between({})).toBe(0);
    expect(await between({ ioCost: { seed: 3, every: 1000, ms: 60 } })).toBeGreaterThan(0);
  });

  test('and in the middle of a transaction', async () => {
    const sleeper = start('sleeper', 'sleepingUntilStopped', 1);
    const inside = async (parameters: Partial<Parameters>) => {
      const { history, steps } = await ran([writer, sleeper], { ...parameters, horizonMs: 200 });
      const [begin, end] = ['committing', 'committed'].map((kind) =>
        history.observations.filter((one) => one.kind === kind).map(({ step }) => step),
      );
      return steps.filter(
        ({ lane, step }) => lane === 'sleeper' && begin?.some((from, i) => from < step && step < (end?.[i] ?? 0)),
      ).length;
    };
    expect(await inside({})).toBe(0);
    expect(await inside({ ioCost: cost })).toBeGreaterThan(10);
  });

  test('alike for a lane, whatever the others do', async () => {
    const times = async (processes: readonly StartProcess[]) => {
      const { steps } = await ran(processes, { ioCost: cost });
      return steps.filter(({ lane }) => lane === 'reader').map(({ op, nowMs }) => [op, nowMs]);
    };
    const reader = start('reader', 'reading', 4);
    expect(await times([reader, start('other', 'drawing', 5)])).toEqual(await times([reader]));
  });
});

describe('reads and writes as switch points', () => {
  const holder = start('p', 'inserting', { from: 0, count: 6, sleepMs: 1 });
  const cancel = { kind: 'lock-cancel', at: { timeMs: 2 }, process: 'p', files: 'db' } as const;
  const everyPoint: Chooser = { choose: ({ fallback }) => ({ lane: fallback, points: 1 }) };

  test('only where the plan asks for it, and from the moment on at which locks protect nobody', async () => {
    const points = async (switchPoints: Parameters['switchPoints'], faults: Plan['faults']) =>
      (await ran([holder], { switchPoints }, { plan: { faults } })).history.switchPoints;
    const usual = await points(undefined, []);
    expect(await points('unguarded', [])).toBe(usual);
    expect(await points(undefined, [cancel])).toBe(usual + 1); // the raw read itself
    expect(await points('unguarded', [cancel])).toBeGreaterThan(usual + 10);
  });

  test.each([
    ['a raw copy by somebody else', start('q', 'shelling', { afterMs: 2, acts: [['copy', 'lab.db', 'x']] }), true],
    ['a raw copy of something else', start('q', 'shelling', { afterMs: 2, acts: [['copy', 'y', 'x']] }), false],
  ])('%s', async (_, other, unguarded) => {
    const { history } = await ran([holder, other], {});
    const watched = await ran([holder, other], { switchPoints: 'unguarded' });
    if (unguarded) expect(watched.history.switchPoints).toBeGreaterThan(history.switchPoints + 10);
    else expect(watched.history.switchPoints).toBe(history.switchPoints);
  });

  test('a lane can be left before each of them', async () => {
    const stops: (string | undefined)[] = [];
    const keeper = new StepKeeper();
    const watching: Chooser = {
      choose: (decision) => {
        stops.push(keeper.steps.at(-1)?.op);
        return everyPoint.choose(decision);
      },
    };
    const plan = planOf({ parameters: { ...given, switchPoints: 'unguarded' }, faults: [cancel] });
    const one = await coordinator.run(scenarioOf([holder]), plan, watching, [keeper]);
    expect(stops).toEqual(expect.arrayContaining(['read', 'write']));
    const free = await coordinator.run(scenarioOf([holder]), plan);
    expect({ hash: one.hash, points: one.switchPoints }).toEqual({ hash: free.hash, points: free.switchPoints });
  });
});
