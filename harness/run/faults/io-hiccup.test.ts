// io-hiccup: everything that needs the volume fails for a while, each with its own code, and then is well again.
import { describe, expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab, type Seen } from './fault-lab.test-support.ts';

const run = faultLab();
type Hiccup = Extract<Fault, { kind: 'io-hiccup' }>;
const hiccup = (more: Partial<Hiccup> = {}): Hiccup => ({ kind: 'io-hiccup', at: { timeMs: 1500 }, ms: 2000, ...more });
const inserting = process('p', 'inserting', { from: 0, count: 6, sleepMs: 1000 });
const using = (name: string) => process(name, 'using', { sql: ['SELECT count(*) FROM t'], times: 5, everyMs: 1000 });

/** What failed, as operation, role and code, each kind once. */
function failures({ steps }: Seen): readonly string[] {
  const failed = steps.filter(({ injected, op }) => injected === true && op !== 'fault');
  return [...new Set(failed.map(({ op, role, rc }) => `${op} ${role} ${rc}`))].toSorted();
}

describe('for its time, everybody', () => {
  test('a connection that is open: locks of the wal-index fail', async () => {
    const seen = await run([inserting], [hiccup()]);
    expect(observed(seen.history, 'insert')).toEqual([
      0,
      1,
      { error: 'SQLITE_IOERR_SHMLOCK' },
      { error: 'SQLITE_IOERR_SHMLOCK' },
      4,
      5,
    ]);
    expect(failures(seen)).toEqual(['shmLock shm SQLITE_IOERR_SHMLOCK']);
    expect(seen.violations).toEqual([]);
    expect(seen.history.strikes).toMatchObject([{ kind: 'io-hiccup', nowMs: 1500, liftedMs: 3500 }]);
  });

  test('in rollback mode, the lock on the database', async () => {
    const seen = await run([inserting], [hiccup()], 'delete');
    expect(failures(seen)).toEqual(['lock db SQLITE_IOERR_LOCK']);
  });

  test('a new connection: opening fails', async () => {
    const seen = await run([using('q')], [hiccup()]);
    const refused = { error: 'SQLITE_CANTOPEN' };
    expect(observed(seen.history, 'used')).toEqual([[0], [0], refused, refused, [0]]);
    expect(failures(seen)).toEqual(['open db SQLITE_CANTOPEN']);
  });

  test('raw files: EIO', async () => {
    const { history } = await run([process('p', 'usingFiles', { times: 3, everyMs: 1000 })], [hiccup({ ms: 1000 })]);
    for (const kind of ['raw-read', 'raw-write', 'raw-copy', 'raw-unlink']) {
      const errors = observed(history, kind).map((one) => typeof one === 'object');
      expect({ kind, errors }).toEqual({ kind, errors: [false, true, false] });
    }
    expect(observed(history, 'raw-read')[1]).toEqual({ error: 'EIO' });
  });

  test('what has begun is given back: no lock stays behind', async () => {
    const at = { lane: 'p', op: 'write', role: 'wal', nth: 3 } as const;
    const { history, violations } = await run([inserting, using('q')], [hiccup({ at, ms: 500 })]);
    expect(observed(history, 'insert').filter((one) => typeof one === 'number')).toHaveLength(5);
    expect(observed(history, 'used').at(-1)).toEqual([4]);
    expect(violations).toEqual([]);
  });
});

describe('only', () => {
  test('one file role: writes and syncs of -wal', async () => {
    const seen = await run([inserting], [hiccup({ files: ['wal'] })]);
    expect(failures(seen)).toEqual(['write wal SQLITE_IOERR_WRITE']);
  });

  test('the database: reads of a new connection fail, once it is open', async () => {
    const at = { lane: 'q', op: 'read', role: 'db', nth: 1 } as const;
    const seen = await run([using('q')], [hiccup({ at, ms: 500, files: ['db', 'journal'] })]);
    expect(failures(seen)).toEqual(['read db SQLITE_IOERR_READ']);
  });

  test('one process, or one lane', async () => {
    for (const who of [{ process: 'q' }, { lane: 'q' }]) {
      const seen = await run([inserting, using('q')], [hiccup(who)]);
      expect(
        new Set(seen.steps.filter(({ injected, op }) => injected && op !== 'fault').map(({ lane }) => lane)),
      ).toEqual(new Set(['q']));
      expect(observed(seen.history, 'insert')).toEqual([0, 1, 2, 3, 4, 5]);
    }
  });
});

test('at a step: from there on', async () => {
  const plain = (await run([inserting], [])).steps;
  const step = plain.findIndex(({ op, role }) => op === 'write' && role === 'wal');
  const { steps, history } = await run([inserting], [hiccup({ at: { step }, ms: 500 })]);
  expect(steps[step + 1]).toMatchObject({ op: 'write', role: 'wal', rc: 'SQLITE_IOERR_WRITE', injected: true });
  expect(history.strikes[0]?.liftedMs).toBe(500);
});

test('the plan ends before it: it is not lifted then', async () => {
  const { history } = await run([using('q')], [hiccup({ ms: 1_000_000 })]);
  expect(history.strikes[0]?.liftedMs).toBeNull();
});
