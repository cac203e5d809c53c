// disk-full: each thing that needs space fails as it does on a full disk, everything else goes on, and all is well again
// when there is space.
import { describe, expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const inserting = process('p', 'inserting', { from: 0, count: 6, sleepMs: 1000 });
const full = (fromMs: number, untilMs?: number): Fault => ({
  kind: 'disk-full',
  at: { timeMs: fromMs },
  ...(untilMs === undefined ? {} : { until: { timeMs: untilMs } }),
});
const outcome = (one: unknown) => (typeof one === 'object' && one !== null && 'error' in one ? one.error : 'ok');

describe('a writer', () => {
  test.each(['wal', 'delete'] as const)(
    'in %s mode: SQLITE_FULL until space is free, and nothing is lost',
    async (journal) => {
      const { history, violations } = await run([inserting], [full(1500, 3500)], journal);
      const expected = journal === 'wal' ? 'SQLITE_FULL' : 'SQLITE_CANTOPEN'; // a journal must be made first
      expect(observed(history, 'insert').map(outcome)).toEqual(['ok', 'ok', expected, expected, 'ok', 'ok']);
      expect(violations).toEqual([]);
      expect(history.strikes).toMatchObject([{ kind: 'disk-full', nowMs: 1500, liftedMs: 3500 }]);
    },
  );

  test('for ever: never lifted', async () => {
    const { history, violations } = await run([inserting], [full(1500)]);
    expect(observed(history, 'insert').map(outcome)).toEqual(['ok', 'ok', ...Array<string>(4).fill('SQLITE_FULL')]);
    expect(history.strikes).toMatchObject([{ nowMs: 1500, liftedMs: null }]);
    expect(violations).toEqual([]);
  });

  test('from an operation to another, and from a step on', async () => {
    const write = (nth: number) => ({ lane: 'p', op: 'write', role: 'wal', nth }) as const;
    const { history, steps } = await run([inserting], [{ kind: 'disk-full', at: write(5), until: write(9) }]);
    const ok = steps.filter(({ op, role }) => op === 'write' && role === 'wal').map(({ rc }) => rc === 'SQLITE_OK');
    expect(ok.slice(0, 10)).toEqual([true, true, true, true, false, false, false, false, true, true]);
    const step = history.strikes[0]?.step ?? 0;
    const again = await run([inserting], [{ kind: 'disk-full', at: { step } }]);
    expect(again.steps.find(({ rc }) => rc === 'SQLITE_FULL')?.step).toBeGreaterThanOrEqual(step);
    expect(again.history.strikes[0]?.liftedMs).toBeNull();
  });
});

test('a first connection cannot make -wal; a reader of what is there goes on', async () => {
  const reader = process('r', 'using', { sql: ['SELECT count(*) FROM t'], times: 3, everyMs: 1000 });
  const holder = process('h', 'holding', { begin: 'BEGIN', ms: 10_000 });
  const beside = await run([holder, reader], [full(500)]);
  expect(observed(beside.history, 'used')).toEqual([[0], [0], [0]]);
  const alone = await run([reader], [full(500, 1500)]);
  expect(observed(alone.history, 'used')).toEqual([[0], { error: 'SQLITE_CANTOPEN' }, [0]]);
});

test('a wal-index that must grow says SQLITE_IOERR_SHMSIZE', async () => {
  const at = { lane: 'q', op: 'shmMap', nth: 1 } as const;
  const reader = process('q', 'using', { sql: ['SELECT count(*) FROM t'], times: 2, everyMs: 1000 });
  const { history, steps } = await run([reader], [{ kind: 'disk-full', at, until: { timeMs: 500 } }]);
  expect(steps.find(({ op, injected }) => op === 'shmMap' && injected === true)).toMatchObject({
    rc: 'SQLITE_IOERR_SHMSIZE',
    args: { page: 0 },
  });
  expect(observed(history, 'used')).toEqual([{ error: 'SQLITE_IOERR_SHMSIZE' }, [0]]);
});

test('raw files: writing and copying say ENOSPC, reading and unlinking go on', async () => {
  const { history } = await run([process('p', 'usingFiles', { times: 2, everyMs: 1000 })], [full(500, 1500)]);
  expect(observed(history, 'raw-read')).toEqual(['hello', 'hello']);
  expect(observed(history, 'raw-write')).toEqual([{ error: 'ENOSPC' }, 'written']);
  expect(observed(history, 'raw-copy')).toEqual([{ error: 'ENOSPC' }, 'copied']);
  expect(observed(history, 'raw-unlink')).toEqual(['unlinked', 'unlinked']);
});
