// mixed-mode: a person takes the database out of WAL mode, or a process does after an I/O error.
import { describe, expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const mode = 'PRAGMA journal_mode';
const using = process('q', 'using', { sql: [mode], times: 3, everyMs: 1000 });

describe('a further process', () => {
  test.each<[string, Fault['at']]>([
    ['at a time', { timeMs: 500 }],
    ['at an operation', { lane: 'q', op: 'sleep', nth: 1 }],
  ])('%s: the database is in DELETE mode from then on', async (_how, at) => {
    const { history, violations } = await run([using], [{ kind: 'mixed-mode', at }]);
    expect(observed(history, 'used')).toEqual([['wal'], ['delete'], ['delete']]);
    expect(observed(history, 'sql-done')).toEqual([
      { statements: ['PRAGMA journal_mode=DELETE'], tries: 1, row: { journal_mode: 'delete' } },
    ]);
    expect(history.endings.map(({ lane }) => lane)).toEqual(['q', 'mixed-mode-1']);
    expect(history.autopsy.files.map(({ name }) => name)).toEqual(['lab.db']);
    expect(violations).toEqual([]);
  });

  test('tries again while somebody holds the database, and is over when it is done', async () => {
    const holder = process('h', 'holding', { begin: 'BEGIN', ms: 5000 });
    const { history } = await run([holder], [{ kind: 'mixed-mode', at: { timeMs: 500 } }]);
    expect(observed(history, 'sql-done')).toMatchObject([{ row: { journal_mode: 'delete' } }]);
    expect(history.strikes[0]).toMatchObject({ nowMs: 500 });
    expect(history.strikes[0]?.liftedMs).toBeGreaterThanOrEqual(5000);
    expect(history.strikes[0]?.liftedMs).toBeLessThan(5200);
  });

  test('gives up when its time is over, which harms nobody', async () => {
    const holder = process('h', 'holding', { begin: 'BEGIN', ms: 5000 });
    const { history, violations } = await run([holder], [{ kind: 'mixed-mode', at: { timeMs: 500 }, tryMs: 2000 }]);
    expect(observed(history, 'sql-failed')).toMatchObject([
      { code: 'SQLITE_BUSY', statement: 'PRAGMA journal_mode=DELETE' },
    ]);
    expect(violations).toEqual([]);
  });

  test('may run something else', async () => {
    const { history } = await run([using], [{ kind: 'mixed-mode', at: { step: 30 }, statements: ['REINDEX'] }]);
    expect(observed(history, 'sql-done')).toMatchObject([{ statements: ['REINDEX'], row: { journal_mode: 'wal' } }]);
  });
});

describe('a process that meets an I/O error', () => {
  test('downgrades by itself, once', async () => {
    const { history, steps } = await run(
      [process('p', 'downgrading', 3)],
      [{ kind: 'mixed-mode', at: { timeMs: 500 }, process: 'p' }],
    );
    expect(observed(history, 'refused')).toEqual(['SQLITE_IOERR_SHMMAP']);
    expect(observed(history, 'mode')).toEqual(['wal', 'delete', 'wal']);
    expect(steps.filter(({ injected, op }) => injected === true && op !== 'fault')).toMatchObject([
      { lane: 'p', op: 'shmMap', args: { page: 0 } },
    ]);
    expect(history.strikes).toMatchObject([{ nowMs: 500, liftedMs: 1000 }]);
  });

  test('others do not', async () => {
    const { history } = await run(
      [process('p', 'downgrading', 2), process('r', 'downgrading', 2)],
      [{ kind: 'mixed-mode', at: { step: 0 }, process: 'r' }],
    );
    expect(history.observations.filter(({ kind }) => kind === 'refused').map(({ lane }) => lane)).toEqual(['r']);
  });
});
