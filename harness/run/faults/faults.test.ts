// Each fault, struck in each way it can be addressed, and seen from outside: by the kernel, the files, and SQLite's own
// answers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../coordinator.ts';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Plan } from '../../model/plan.ts';
import type { History } from '../../model/history.ts';
import type { StartProcess } from '../../model/process.ts';
import { coordinatorOf, observed, planOf, process, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

async function run(start: readonly StartProcess[], faults: readonly Fault[], journal: 'wal' | 'delete' = 'wal') {
  const keeper = new StepKeeper();
  const plan: Plan = planOf({ faults });
  const scenario = scenarioOf(start, journal);
  const history = await coordinator.run(scenario, plan, undefined, [keeper]);
  return { history, steps: keeper.steps, violations: violationsOf(scenario, history) };
}

const insert = process('p', 'inserting', { from: 0, count: 4 });
const keysOf = (history: History) => {
  const rows = history.autopsy.queries['t'];
  return rows === undefined || 'error' in rows ? [] : rows.map(([key]) => key);
};

describe('kill', () => {
  test('at a step: the step before it is the last', async () => {
    const { history, steps } = await run([insert], [{ kind: 'kill', at: { step: 60 } }]);
    expect(history.deaths).toMatchObject([{ process: 'p', ending: { how: 'killed', signal: 'SIGKILL' } }]);
    expect(steps.slice(60).map(({ op }) => op)).toEqual(['fault', 'end']);
    expect(steps[59]?.lane).toBe('p');
  });

  test('at the n-th operation on a file, which then does not happen', async () => {
    const { history, steps } = await run(
      [insert],
      [{ kind: 'kill', at: { lane: 'p', op: 'write', role: 'wal', nth: 3 } }],
    );
    expect(steps.filter(({ op, role }) => op === 'write' && role === 'wal')).toHaveLength(2);
    expect(history.endings[0]?.ending).toEqual({ how: 'killed', signal: 'SIGKILL' });
  });

  test('at a time, of a process named', async () => {
    const { history } = await run(
      [process('p', 'sleepingUntilStopped', 1000), process('q', 'sleeping', 20_000)],
      [{ kind: 'kill', at: { timeMs: 5500 }, process: 'p' }],
    );
    expect(history.deaths).toMatchObject([{ process: 'p', ending: { how: 'killed', signal: 'SIGKILL' } }]);
    expect(observed(history, 'slept')).toEqual([20_000]);
  });

  test('anywhere: SIGKILL never loses an acknowledged commit nor tears a transaction', async () => {
    const total = (await run([insert], [])).steps.length;
    expect(total).toBeGreaterThan(60); // three places or more
    for (const journal of ['wal', 'delete'] as const) {
      for (let step = 20; step < total; step += 17) {
        const { violations } = await run([insert], [{ kind: 'kill', at: { step } }], journal);
        expect({ journal, step, violations }).toEqual({ journal, step, violations: [] });
      }
    }
  });

  test('in the middle of a write: so many bytes and no more', async () => {
    const at = { lane: 'p', op: 'write', role: 'wal', nth: 2 } as const;
    const { history, steps } = await run([insert], [{ kind: 'kill', at, bytes: 10 }]);
    const writes = steps.filter(({ op, role }) => op === 'write' && role === 'wal');
    expect(writes.map(({ args }) => ({ length: args?.['length'], offset: args?.['offset'] }))).toEqual([
      { length: 32, offset: 0 },
      { length: 10, offset: 32 },
    ]);
    expect(history.deaths).toHaveLength(1);
    expect(history.autopsy.integrity).toEqual(['ok']);
  });

  test('of a lock holder: its locks are gone when the run goes on', async () => {
    const holder = process('holder', 'holding', { begin: 'BEGIN IMMEDIATE', ms: 100_000 });
    const { history } = await run([holder, insert], [{ kind: 'kill', at: { timeMs: 3000 }, process: 'holder' }]);
    expect(observed(history, 'insert')).toEqual([0, 1, 2, 3]);
    expect(history.virtualMs).toBeGreaterThanOrEqual(3000);
    expect(history.virtualMs).toBeLessThan(10_000);
  });
});

describe('pause', () => {
  test('a lane stands still with its locks, and the others wait for it', async () => {
    const { history } = await run(
      [insert, process('q', 'inserting', { from: 100, count: 1 })],
      [{ kind: 'pause', at: { lane: 'p', op: 'write', role: 'wal', nth: 2 }, ms: 7000 }],
    );
    expect(observed(history, 'insert')).toEqual([0, 1, 2, 3, 100]);
    expect(history.virtualMs).toBeGreaterThanOrEqual(7000);
  });

  test('a sleeper whose time comes meanwhile wakes when the pause is over, one whose time comes later is not late', async () => {
    const pause = (atMs: number, ms: number): Fault => ({ kind: 'pause', at: { timeMs: atMs }, lane: 'p', ms });
    const slept = async (fault: Fault) =>
      observed((await run([process('p', 'sleeping', 1000)], [fault])).history, 'slept');
    expect(await slept(pause(500, 400))).toEqual([1000]);
    expect(await slept(pause(500, 700))).toEqual([1200]);
  });

  test('a listener hears when its pause is over, what came meanwhile', async () => {
    const talk = await run(
      [process('q', 'listening'), process('p', 'talking', 'q')],
      [{ kind: 'pause', at: { step: 0 }, lane: 'q', ms: 2000 }],
    );
    expect(observed(talk.history, 'answer')).toEqual([{ from: 'q', message: 'thanks' }]);
    expect(talk.history.observations.find(({ kind }) => kind === 'got')?.nowMs).toBe(2000);
  });

  test("one that is longer than the run ends with the plan's end", async () => {
    const { history } = await run(
      [process('p', 'sleeping', 10)],
      [{ kind: 'pause', at: { timeMs: 5 }, lane: 'p', ms: 9_000_000 }],
    );
    expect({ end: history.end, ending: history.endings[0]?.ending.how }).toEqual({
      end: 'stopped',
      ending: 'returned',
    });
  });
});

describe('lock-cancel', () => {
  const holder = process('holder', 'holding', { begin: 'BEGIN', ms: 1000 });

  test('without it, the kernel holds what SQLite believes', async () => {
    for (const journal of ['wal', 'delete'] as const) {
      const { history } = await run([holder], [], journal);
      expect(history.looks).toHaveLength(1);
      expect(history.looks[0]?.believed.length).toBeGreaterThan(0);
      expect(history.looks[0]?.broken).toEqual([]);
    }
  });

  test('db: the locks on the database are gone, those on -shm stay', async () => {
    const { history, violations } = await run(
      [holder],
      [{ kind: 'lock-cancel', at: { timeMs: 500 }, process: 'holder', files: 'db' }],
    );
    expect(history.looks[0]?.broken.map(({ file }) => file)).toEqual(['lab.db']);
    expect(history.marks['locks-cancelled']).toBe(1);
    expect(violations.map(({ invariant }) => invariant)).toEqual(['locks-held']);
  });

  test('all: the locks on -shm are gone too', async () => {
    const { history } = await run(
      [holder],
      [{ kind: 'lock-cancel', at: { timeMs: 500 }, process: 'holder', files: 'all' }],
    );
    expect([...new Set(history.looks[0]?.broken.map(({ file }) => file))].toSorted()).toEqual(['lab.db', 'lab.db-shm']);
  });

  test('in rollback mode another process writes in between', async () => {
    const { history } = await run(
      [process('holder', 'holding', { begin: 'BEGIN EXCLUSIVE', ms: 10_000 }), process('q', 'reading', 1)],
      [{ kind: 'lock-cancel', at: { timeMs: 500 }, process: 'holder', files: 'db' }],
      'delete',
    );
    expect(observed(history, 'count')).toEqual([0]);
    expect(history.virtualMs).toBe(10_000);
  });

  test('the raw read of a program is the same hazard', async () => {
    const { history } = await run([process('p', 'leaking', 10), process('q', 'rawReading')], []);
    expect(history.marks['locks-cancelled']).toBe(0);
    expect(observed(history, 'header')).toEqual(['SQLite format 3']);
  });
});

describe('io-error', () => {
  const codes = [
    ['write', 'wal', 'SQLITE_IOERR_WRITE'],
    ['write', 'wal', 'SQLITE_FULL'],
    ['read', 'db', 'SQLITE_IOERR_READ'],
    ['lock', 'db', 'SQLITE_IOERR_LOCK'],
    ['shmLock', 'shm', 'SQLITE_IOERR_SHMLOCK'],
    ['shmMap', 'shm', 'SQLITE_IOERR_SHMMAP'],
    ['open', 'wal', 'SQLITE_CANTOPEN'],
  ] as const;

  test.each(codes)('%s on %s with %s, once: the caller gets that code, then all is well', async (op, role, code) => {
    const { history, steps } = await run([insert], [{ kind: 'io-error', at: { lane: 'p', op, role, nth: 1 }, code }]);
    const failed = steps.filter(({ injected, op: what }) => injected === true && what !== 'fault');
    expect(failed.map((step) => ({ op: step.op, role: step.role, rc: step.rc }))).toEqual([{ op, role, rc: code }]);
    const results = observed(history, 'insert');
    const thrown = history.endings[0]?.ending;
    const said = thrown?.how === 'threw' ? thrown.error : JSON.stringify(results[0]);
    expect(said).toContain(code);
    if (thrown?.how === 'returned') expect(results.slice(1)).toEqual([1, 2, 3]);
  });

  test('on sync in rollback mode', async () => {
    const full = process('p', 'inserting', { from: 0, count: 2, synchronous: 'FULL' });
    const at = { lane: 'p', op: 'sync', role: 'db', nth: 1 } as const;
    const { history } = await run([full], [{ kind: 'io-error', at, code: 'SQLITE_IOERR_FSYNC' }], 'delete');
    expect(observed(history, 'insert')).toEqual([{ error: 'SQLITE_IOERR_FSYNC' }, 1]);
    expect(keysOf(history)).toEqual([1]);
  });

  test('until it is lifted: everything of the kind fails, then nothing', async () => {
    const slow = process('p', 'inserting', { from: 0, count: 10, sleepMs: 1000 });
    const { history } = await run(
      [slow],
      [
        {
          kind: 'io-error',
          at: { timeMs: 1500 },
          op: 'write',
          role: 'wal',
          code: 'SQLITE_IOERR_WRITE',
          until: { timeMs: 5500 },
        },
      ],
    );
    const failed = observed(history, 'insert').map((one) => (typeof one === 'number' ? 'ok' : 'failed'));
    expect(failed).toEqual(['ok', 'ok', 'failed', 'failed', 'failed', 'failed', 'ok', 'ok', 'ok', 'ok']);
  });

  test('until an operation is counted from the start of the run, as its beginning is', async () => {
    const at = (nth: number) => ({ lane: 'p', op: 'write', role: 'wal', nth }) as const;
    const { steps } = await run([insert], [{ kind: 'io-error', at: at(2), code: 'SQLITE_IOERR_WRITE', until: at(4) }]);
    const results = steps
      .filter(({ op, role }) => op === 'write' && role === 'wal')
      .map(({ rc }) => rc === 'SQLITE_OK');
    expect(results.slice(0, 6)).toEqual([true, false, false, true, true, true]);
  });

  test('steps that cannot fail do not use it up', async () => {
    const slow = process('p', 'inserting', { from: 0, count: 3, sleepMs: 100 });
    const at = { lane: 'p', op: 'sleep', nth: 1 } as const;
    const { steps } = await run([slow], [{ kind: 'io-error', at, op: 'write', code: 'SQLITE_IOERR_WRITE' }]);
    const failed = steps.filter(({ injected, op }) => injected === true && op !== 'fault');
    expect(failed.map(({ op }) => op)).toEqual(['write']);
  });

  test('at a step, whatever it is', async () => {
    const clean = (await run([insert], [])).steps;
    const step = clean.findIndex(({ op, role }) => op === 'write' && role === 'wal');
    const { steps } = await run([insert], [{ kind: 'io-error', at: { step }, code: 'SQLITE_IOERR_WRITE' }]);
    expect(steps[step + 1]).toMatchObject({ op: 'write', role: 'wal', rc: 'SQLITE_IOERR_WRITE', injected: true });
  });

  test('on a raw file operation', async () => {
    const { history } = await run(
      [process('p', 'rawReading')],
      [{ kind: 'io-error', at: { lane: 'p', op: 'fileRead', nth: 1 }, code: 'SQLITE_IOERR_READ' }],
    );
    expect(history.endings[0]?.ending).toEqual({ how: 'threw', error: expect.stringContaining('EIO') as string });
  });
});

test('several faults on one lane keep their counts apart', async () => {
  const { steps } = await run(
    [insert],
    [
      { kind: 'io-error', at: { lane: 'p', op: 'write', role: 'wal', nth: 2 }, code: 'SQLITE_IOERR_WRITE' },
      { kind: 'io-error', at: { lane: 'p', op: 'write', role: 'wal', nth: 5 }, code: 'SQLITE_FULL' },
      { kind: 'kill', at: { lane: 'p', op: 'write', role: 'wal', nth: 7 } },
    ],
  );
  const writes = steps.filter(({ op, role }) => op === 'write' && role === 'wal').map(({ rc }) => rc);
  expect(writes).toEqual(['SQLITE_OK', 'SQLITE_IOERR_WRITE', 'SQLITE_OK', 'SQLITE_OK', 'SQLITE_FULL', 'SQLITE_OK']);
});
