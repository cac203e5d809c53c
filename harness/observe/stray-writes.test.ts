// Writes that go astray, in real processes on real files; and that SQLite, left alone, makes none.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** p commits a row a second, four times, on one connection. */
const writer = start('p', 'inserting', { from: 0, count: 4, sleepMs: 1000 });
const shell = (...acts: readonly (readonly [string, string, string?])[]) =>
  start('q', 'shelling', { afterMs: 1500, acts: acts.map(([act, from, to = '']) => [act, from, to]) });

async function straysOf(processes: Parameters<typeof scenarioOf>[0], plan: Partial<Plan> = {}) {
  const keeper = new StepKeeper();
  const scenario = scenarioOf(processes);
  const history = await coordinator.run(scenario, planOf(plan), undefined, [keeper]);
  const violated = violationsOf(scenario, history).map(({ invariant }) => invariant);
  return { strays: history.strayWrites, steps: keeper.steps, violated };
}

describe('a process that has the database open writes astray', () => {
  test('when another unlinks it and its -wal: what it commits is lost', async () => {
    const { strays, steps, violated } = await straysOf([writer, shell(['unlink', 'lab.db'], ['unlink', 'lab.db-wal'])]);
    const lost = steps.filter(({ op }) => op === 'unlink').map(({ step }) => step);
    const written = (file: string) =>
      steps.filter((one) => one.lane === 'p' && one.file === file && one.step > (lost[1] ?? 0) && one.op === 'write');
    expect(strays.map(({ process, file, lost: { by, how, step } }) => ({ process, file, by, how, step }))).toEqual([
      { process: 'p', file: 'lab.db-wal', by: 'q', how: 'unlinked', step: lost[1] },
      { process: 'p', file: 'lab.db', by: 'q', how: 'unlinked', step: lost[0] },
    ]);
    expect(strays[0]).toMatchObject({
      firstStep: written('lab.db-wal')[0]?.step,
      writes: written('lab.db-wal').length,
    });
    expect(violated).toContain('no-stray-writes');
    expect(violated).toContain('acknowledged-commits');
  });

  test('when another moves it aside', async () => {
    const { strays } = await straysOf([writer, shell(['rename', 'lab.db', 'aside'])]);
    expect(strays).toMatchObject([{ process: 'p', file: 'lab.db', lost: { by: 'q', how: 'renamed' } }]);
  });

  test('when another moves a copy in its place', async () => {
    const { strays } = await straysOf([writer, shell(['copy', 'lab.db', 'copy'], ['rename', 'copy', 'lab.db'])]);
    expect(strays).toMatchObject([{ process: 'p', file: 'lab.db', lost: { by: 'q', how: 'replaced' } }]);
  });

  test('when its own process cancelled its locks, and the close of another unlinks -wal', async () => {
    const old = await coordinatorOf({ engine: '3.50.4' });
    try {
      const history = await old.run(
        scenarioOf([writer, start('q', 'inserting', { from: 100, count: 1, sleepMs: 1500 })]),
        planOf({ engine: '3.50.4', faults: [{ kind: 'lock-cancel', at: { timeMs: 500 }, process: 'p', files: 'db' }] }),
      );
      expect(history.strayWrites).toMatchObject([
        { process: 'p', file: 'lab.db-wal', lost: { by: 'q', how: 'unlinked' } },
      ]);
    } finally {
      old.close();
    }
  });
});

describe('nothing goes astray', () => {
  test('by a copy over the file: it stays the same file', async () => {
    const { strays } = await straysOf([writer, shell(['copy', 'lab.db', 'copy'], ['copy', 'copy', 'lab.db'])]);
    expect(strays).toEqual([]);
  });

  test('by a second name that goes again, nor by a move there and back', async () => {
    const second = shell(['link', 'lab.db', 'second'], ['unlink', 'second']);
    expect((await straysOf([writer, second])).strays).toEqual([]);
    const moved = shell(['rename', 'lab.db', 'aside'], ['rename', 'aside', 'lab.db']);
    expect((await straysOf([writer, moved])).strays).toEqual([]);
  });

  test('in a process that opens the name after that, or closed it before', async () => {
    const late = start('late', 'shelling', { afterMs: 10_000, acts: [['unlink', 'lab.db', '']] });
    expect((await straysOf([writer, late])).strays).toEqual([]);
    const gone = shell(['copy', 'lab.db', 'copy'], ['rename', 'copy', 'lab.db']);
    const after = start('p', 'inserting', { from: 0, count: 1 });
    expect((await straysOf([start('first', 'sleeping', 2000), gone, after])).strays).toEqual([]);
  });

  test.each(['wal', 'delete', 'truncate', 'persist'])(
    'in SQLite left alone, journal mode %s, also with a kill',
    async (mode) => {
      const writers = ['a', 'b', 'c'].map((name, i) =>
        start(name, 'inserting', { from: 100 * i, count: 5, sleepMs: 10 }),
      );
      const scenario = { ...scenarioOf(writers), setup: () => start('setup', 'setup', mode) };
      for (const step of [100, 200, 300, 400, 500]) {
        const faults: Plan['faults'] = [{ kind: 'kill', at: { step }, process: 'a' }];
        const history = await coordinator.run(scenario, planOf({ faults }));
        expect(history.strayWrites).toEqual([]);
        expect(history.deaths).toMatchObject([{ process: 'a', step: step + 1 }]);
      }
    },
  );
});
