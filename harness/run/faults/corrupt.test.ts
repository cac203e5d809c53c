// corrupt: what SQLite says of the database afterwards, and what a process that has it open sees.
import { describe, expect, test } from 'vitest';
import { observed, process } from '../../testing/lab.test-support.ts';
import type { Fault } from '../../model/fault.ts';
import { faultLab } from './fault-lab.test-support.ts';

const run = faultLab();
const filled = [process('p', 'filling', 300), process('q', 'sleeping', 10_000)];
type Corrupt = Extract<Fault, { kind: 'corrupt' }>;
const corrupt = (how: Corrupt['how'], more: Partial<Corrupt> = {}): Corrupt => {
  return { kind: 'corrupt', at: { timeMs: 500 }, how, ...more };
};
const integrity = async (fault: Corrupt) => (await run(filled, [fault])).history.autopsy.integrity.join('\n');

describe('what integrity_check says', () => {
  test('page-scramble', async () => {
    const { autopsy } = (await run(filled, [corrupt('page-scramble', { owner: 't_v', nth: 2 })])).history;
    expect(autopsy.quick.join()).toMatch(/Tree \d+ page \d+: btreeInitPage\(\) returns error code 11/);
    expect(autopsy.integrity).not.toEqual(['ok']);
  });

  test('page-scramble of a root: the table is lost', async () => {
    const { history } = await run(filled, [corrupt('page-scramble', { owner: 't', nth: 1 })]);
    expect(history.autopsy.opened).toBe('ok');
    expect(history.autopsy.queries['t']).toMatchObject({ error: 'SQLITE_CORRUPT', rows: [] });
  });

  test('rowid-out-of-order', async () => {
    expect(await integrity(corrupt('rowid-out-of-order'))).toMatch(
      /Tree \d+ page \d+ cell \d+: Rowid \d+ out of order/,
    );
  });

  test('index-entry-dropped: one entry, and nothing else', async () => {
    const lines = (await integrity(corrupt('index-entry-dropped'))).split('\n').toSorted();
    expect(lines).toEqual([
      expect.stringMatching(/^row \d+ missing from index t_v$/),
      'wrong # of entries in index t_v',
    ]);
  });

  test('foreign-bytes: no database any more', async () => {
    const { history, notes } = await run(filled, [corrupt('foreign-bytes')]);
    expect(history.autopsy.opened).toBe('SQLITE_NOTADB');
    expect(notes).toEqual(['lab.db: 24 bytes from byte 5 on are those of a TLS record']);
  });

  test('without any of them: ok', async () => {
    expect((await run(filled, [])).history.autopsy.integrity).toEqual(['ok']);
  });
});

describe('struck', () => {
  test('at a step, at an operation, at a time: the same bytes', async () => {
    const { steps } = await run(filled, []);
    const after = steps.findIndex(({ lane, op }) => lane === 'q' && op === 'sleep') - 1;
    const said = await integrity(corrupt('rowid-out-of-order'));
    for (const at of [{ step: after }, { lane: 'q', op: 'sleep', nth: 1 }] as const) {
      expect(await integrity(corrupt('rowid-out-of-order', { at }))).toBe(said);
    }
  });

  test('twice: in two places', async () => {
    const { notes } = await run(filled, [corrupt('page-scramble', { nth: 2 }), corrupt('page-scramble', { nth: 3 })]);
    expect(new Set(notes).size).toBe(2);
    expect(notes.join()).toMatch(/lab\.db: page \d+, (table|index)-leaf of (table t|index t_v): overwritten/);
  });

  test('on a page by number: the next one is another', async () => {
    const pageOf = async (nth: number) =>
      (await run(filled, [corrupt('page-scramble', { owner: 't_v', nth })])).notes[0]?.match(/page (\d+)/)?.[1];
    expect(Number(await pageOf(2))).toBeGreaterThan(Number(await pageOf(1)));
  });
});

describe('nothing to strike', () => {
  test('no page of that number', async () => {
    const { history, notes, steps } = await run(filled, [corrupt('rowid-out-of-order', { nth: 999 })]);
    expect(history.autopsy.integrity).toEqual(['ok']);
    expect(notes).toEqual([expect.stringMatching(/^\d+ pages of lab\.db fit rowid-out-of-order \(0 of \d+ are newer/)]);
    expect(steps.filter(({ op }) => op === 'fault').map(({ text }) => text)).toEqual([
      expect.stringContaining('"kind":"corrupt"') as string,
      expect.stringContaining('so it was left alone') as string,
    ]);
    expect(history.strikes).toMatchObject([{ fault: 0, nowMs: 500, liftedMs: 500 }]);
  });

  test('every page is newer in -wal, which a reader would read instead', async () => {
    const holder = process('p', 'inserting', { from: 0, count: 4, sleepMs: 1000 });
    const { history, notes } = await run([holder], [corrupt('rowid-out-of-order', { at: { timeMs: 1500 } })]);
    expect(notes).toEqual([expect.stringMatching(/^0 pages of lab\.db fit rowid-out-of-order \([12] of 2 are newer/)]);
    expect(history.autopsy.integrity).toEqual(['ok']);
  });

  test('no database', async () => {
    const { notes } = await run(filled, [
      corrupt('foreign-bytes', { database: 'other.db' }),
      corrupt('page-scramble', { database: 'other.db' }),
    ]);
    expect(notes).toEqual([
      'there is no other.db now, or it is empty, so it was left alone',
      'other.db is no database now, so it was left alone',
    ]);
  });
});

test('a process that opens the database anew sees it, and its mtime has changed', async () => {
  const reader = process('r', 'using', { sql: ['SELECT count(*) FROM t NOT INDEXED'], times: 4, everyMs: 200 });
  const stats = process('s', 'watchingMtime', { file: 'lab.db', times: 4, everyMs: 200 });
  const { history } = await run([...filled, reader, stats], [corrupt('page-scramble', { owner: 't', nth: 3 })]);
  expect(observed(history, 'used')).toEqual([[300], [300], [300], { error: 'SQLITE_CORRUPT' }]);
  expect(observed(history, 'changed')).toEqual([false, false, true]);
});
