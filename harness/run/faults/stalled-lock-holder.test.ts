// stalled-lock-holder: others wait for the lock as long as it is held, and have it then.
import { expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const insert = process('p', 'inserting', { from: 0, count: 3, sleepMs: 1000 });
const stalled = (more: Partial<Extract<Fault, { kind: 'stalled-lock-holder' }>>): Fault => {
  return { kind: 'stalled-lock-holder', at: { timeMs: 500 }, holds: 'write', ms: 7000, ...more };
};

test.each<[string, Fault['at']]>([
  ['at a time', { timeMs: 500 }],
  ['at an operation', { lane: 'p', op: 'sleep', nth: 1 }],
])('the write lock, %s: a writer waits', async (_how, at) => {
  const { history, violations } = await run([insert], [stalled({ at })]);
  expect(observed(history, 'insert')).toEqual([0, 1, 2]);
  const [, second] = history.observations.filter(({ kind }) => kind === 'insert');
  const takenMs = history.observations.find(({ kind }) => kind === 'sql-done')?.nowMs ?? Infinity;
  expect(second?.nowMs).toBeGreaterThanOrEqual(takenMs + 7000);
  expect(history.strikes[0]?.liftedMs).toBe(takenMs + 7000);
  expect(violations).toEqual([]);
});

test('the write lock, at a step: a reader does not wait', async () => {
  const reader = process('q', 'using', { sql: ['SELECT count(*) FROM t'], times: 3, everyMs: 1000 });
  const { history } = await run([reader], [stalled({ at: { step: 3 } })]);
  expect(observed(history, 'used')).toEqual([[0], [0], [0]]);
});

test('one who does not wait long enough is told SQLITE_BUSY', async () => {
  const writer = process('q', 'using', { sql: ["INSERT INTO t(v) VALUES('x')"], times: 3, everyMs: 1000 });
  const { history } = await run([writer], [stalled({ ms: 1000 })]);
  expect(observed(history, 'used')).toEqual([[1], { error: 'SQLITE_BUSY' }, [1]]);
});

test('a flock: others get it when it is over', async () => {
  const { history } = await run(
    [process('q', 'flocking', { timeoutMs: 60_000 })],
    [
      stalled({ at: { step: 0 }, holds: 'flock', file: 'the.lock' }),
      { kind: 'pause', at: { step: 0 }, lane: 'q', ms: 1000 },
    ],
  );
  expect(observed(history, 'flock-held')).toEqual([{ file: 'the.lock' }]);
  expect(observed(history, 'flock')).toEqual([{ lane: 'q', held: true, afterMs: 6050 }]); // it asks every 50 ms
  expect(history.strikes).toMatchObject([
    { kind: 'stalled-lock-holder', nowMs: 0, liftedMs: 7000 },
    { kind: 'pause', nowMs: 0, liftedMs: 1000 },
  ]);
});

test('a flock that another holds: it waits for it, a minute long', async () => {
  const holder = (holdMs: number) => process('q', 'flocking', { holdMs });
  const fault = stalled({ holds: 'flock', file: 'the.lock' });
  const short = await run([holder(20_000)], [fault]);
  expect(short.history.observations.find(({ kind }) => kind === 'flock-held')?.nowMs).toBeGreaterThanOrEqual(20_000);
  const long = await run([holder(100_000)], [fault]);
  expect(observed(long.history, 'flock-refused')).toEqual([{ file: 'the.lock', code: 'EWOULDBLOCK' }]);
  expect(long.violations).toEqual([]);
});

test("the plan's end ends it", async () => {
  const { history } = await run([process('p', 'sleeping', 1000)], [stalled({ ms: 10_000_000 })]);
  expect(history.end).toBe('stopped');
  expect(history.strikes[0]).toMatchObject({ liftedMs: 600_000 });
});
