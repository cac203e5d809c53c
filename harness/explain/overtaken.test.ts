// A transaction that wrote on an old reading: told with its SQL, and which pages it was, by hand-made steps. That real programs tell such:
// api/explained.test.ts.
import { describe, expect, test } from 'vitest';
import { invariant } from '../model/invariant.ts';
import { emptyRecord } from '../model/record.ts';
import { historyOf } from '../testing/history.test-support.ts';
import { explainSteps } from './explain-steps.ts';
import { StatementBook } from './statements.ts';
import { copy, dbPage, frame, lock, mapShm, open, openWal, slot, stepsOf, unlock } from './steps.test-support.ts';

type Acts = Parameters<typeof stepsOf>[0];

const wrong = invariant('wrong', 'harm', 'nothing is wrong', function* () {
  yield { message: 'it is wrong' };
});

function told(acts: Acts, statements?: StatementBook): readonly string[] {
  return explainSteps(stepsOf(acts), historyOf({ observations: [] }), [wrong], statements).flatMap(
    ({ sentence, kind }) => (kind === 'violation' ? [] : [sentence]),
  );
}

describe('told with what was read and written', () => {
  const reads = (lane: string) => [lock(lane, 'SHARED'), dbPage(lane, 'read', 1), unlock(lane, 'NONE')];
  /** Both have read; p writes in steps 8 to 11, q in steps 12 to 16, and reads the page when it has the lock, or changes nothing. */
  const acts = (q: Acts) => [
    open('p'),
    open('q'),
    ...reads('p'),
    ...reads('q'),
    lock('p', 'SHARED'),
    lock('p', 'RESERVED'),
    dbPage('p', 'write', 2),
    unlock('p', 'NONE'),
    lock('q', 'SHARED'),
    lock('q', 'RESERVED'),
    dbPage('q', 'read', 2),
    ...q,
    unlock('q', 'NONE'),
  ];
  type Heard = readonly [step: number, lane: string, said: string | readonly string[]];
  const heard = (...all: readonly Heard[]): StatementBook => {
    const book = new StatementBook();
    for (const [step, name, said] of all) {
      const text = JSON.stringify(typeof said === 'string' ? { database: 'x.db', reads: false, sql: said } : said);
      book.hear(step, { ...emptyRecord(), text }, { name, process: { name, lanes: [] }, files: [] });
    }
    return book;
  };
  const query = 'SELECT n FROM t';
  const before: readonly Heard[] = [
    [2, 'p', query],
    [4, 'p', ['3']],
    [5, 'q', query],
    [7, 'q', ['3']],
    [8, 'p', 'UPDATE t SET n = 4'],
  ];
  const toldWith = (q: Acts, ...more: readonly Heard[]) => told(acts(q), heard(...before, ...more));

  test('both have read the same and written the same', () => {
    expect(toldWith([dbPage('q', 'write', 2)], [12, 'q', 'UPDATE t\n  SET n = 4'])).toEqual([
      'q read x.db from here to step 7 (page 2 of t): `SELECT n FROM t` gave 3; p read the same from step 2 to step 4, and got 3 too.',
      'p committed what it had written to x.db from step 9 on (page 2 of t): `UPDATE t SET n = 4`; q knows nothing of it.',
      'q wrote to x.db from here on (page 2 of t): `UPDATE t SET n = 4`, and committed at step 16, by what it had read before p committed: it wrote over what p had put there (a lost update).',
    ]);
    expect(toldWith([], [12, 'q', 'UPDATE t SET n = 4']).at(-1)).toBe(
      'q wrote to x.db from here to step 15 (page 2 of t): `UPDATE t SET n = 4`, by what it had read before p committed: that changed no byte, since p had put the same there already (a lost update).',
    );
  });

  const changed = [dbPage('q', 'write', 3)];
  const again: Heard = [14, 'q', query];
  test.each<[why: string, is: 'is' | 'is no', ...Heard[]]>([
    ['blind', 'is', [12, 'q', 'BEGIN IMMEDIATE'], [15, 'q', 'UPDATE t SET n = 4']],
    ['that asks anew', 'is no', [12, 'q', 'BEGIN IMMEDIATE'], again, [15, 'q', ['4']], [15, 'q', 'UPDATE t SET n = 5']],
    ['that asks another table', 'is', [14, 'q', 'SELECT n FROM tt'], [15, 'q', 'UPDATE t SET n = 4']],
    ['that asks when it has written', 'is', [14, 'q', 'UPDATE t SET n = 4'], [15, 'q', query]],
    ['that counts on', 'is no', [12, 'q', 'UPDATE t SET n = n + 1']],
    ['that compares', 'is no', [12, 'q', "UPDATE t SET n = 4, s = 'n' WHERE id = 1 AND n = 3"]],
    ['that has the column in a text only', 'is', [12, 'q', "UPDATE t SET n = 4, s = 'n' WHERE id = 1"]],
    ['by REPLACE', 'is', [12, 'q', 'INSERT OR REPLACE INTO t VALUES (4)']],
  ])('a write %s %s lost update', (_, is, ...more) => {
    const all = toldWith(changed, ...more);
    expect(all).toHaveLength(is === 'is' ? 3 : 0);
    if (is === 'is') expect(all.at(-1)).toContain('(a lost update)');
  });

  test('what was read, and written when something else had been written, and refused once', () => {
    const writes = (lane: string, sum: number) => [
      lock(lane, 'SHARED'),
      lock(lane, 'RESERVED'),
      dbPage(lane, 'write', sum),
      unlock(lane, 'NONE'),
    ];
    const insert = [open('p'), open('q'), ...reads('q'), ...writes('q', 5)];
    const refused = [lock('q', 'SHARED'), ...writes('p', 6), lock('q', 'RESERVED'), unlock('q', 'NONE')];
    const all = [...insert, ...refused, ...writes('q', 7)];
    const begin: readonly Heard[] = [
      [2, 'q', query],
      [4, 'q', ['3']],
      [5, 'q', 'INSERT INTO log VALUES (1)'],
      [9, 'q', 'BEGIN IMMEDIATE'],
      [10, 'p', 'UPDATE t SET n = 4'],
    ];
    const last = (sql: string) => told(all, heard(...begin, [16, 'q', sql]));
    expect(last('UPDATE t SET n = 9')).toEqual([
      'q read x.db from here to step 4 (page 2 of t): `SELECT n FROM t` gave 3.',
      'p committed what it had written to x.db from step 11 on (page 2 of t): `UPDATE t SET n = 4`; q knows nothing of it.',
      'q wrote to x.db from here on (page 2 of t): `UPDATE t SET n = 9`, and committed at step 19, by what it had read before p committed: it wrote over what p had put there (a lost update).',
    ]);
    for (const sql of ['UPDATE t SET n = n + 1', 'UPDATE u SET n = 9'])
      expect(last(sql)).toEqual([expect.stringContaining('SQLITE_BUSY_SNAPSHOT')]);
  });

  test('pages that no step shows, by the words', () => {
    const cached = acts(changed).map((act) => (act.op === 'read' ? { ...act, op: 'access' } : act));
    const said = heard(...before, [12, 'q', 'UPDATE t SET n = 4']);
    expect(told(cached, said).at(-1)).toContain('(a lost update)');
    expect(told(cached).at(-1)).toContain('cannot have taken in');
  });

  test.each([
    ['another row', 'UPDATE t SET n = 4 WHERE id = 2', 'UPDATE t SET n = 4 WHERE id = 1'],
    ['another table on the same page', 'UPDATE u SET n = 4', 'UPDATE t SET n = 4'],
  ])('%s is not what was written there', (_, sql, first) => {
    const said = heard(...before.slice(0, -1), [8, 'p', first], [12, 'q', sql]);
    expect(told(acts(changed), said).at(-1)).toContain('cannot have taken in');
  });

  test('a row that is added takes nothing away', () => {
    const all = toldWith(changed, [12, 'q', 'INSERT INTO t VALUES (4)']);
    expect(all.at(-1)).toMatch(/`INSERT INTO t VALUES \(4\)`, .*: it cannot have taken in what p had changed\.$/);
  });
});

test('pages of a -wal that have the same bytes are told apart by their frames', () => {
  const shared = (lane: string, action: 'lock' | 'unlock'): Acts[number] => ({
    ...slot(lane, 4, action),
    args: { slot: 4, count: 1, action, mode: 'shared' },
  });
  const inWal = [open('p'), openWal('p'), mapShm('p'), open('q'), openWal('q'), mapShm('q')];
  const commits = (lane: string, from: number, ...sums: readonly number[]) => [
    slot(lane, 0, 'lock'),
    ...sums.flatMap((sum, i) => frame(lane, from + i, sum)),
    slot(lane, 0, 'unlock'),
  ];
  const reads = (lane: string) => [shared(lane, 'lock'), dbPage(lane, 'read', 1), shared(lane, 'unlock')];
  // p writes page 2, then q page 3, with the bytes 5; a checkpoint copies both when q has written page 2.
  const [, copied2] = copy('w', 0, 5);
  const copies = [copy('w', 0, 5)[0], { ...copied2, args: { length: 512, offset: 512, sum: 5 } }];
  const copies3 = [copy('w', 1, 5)[0], { ...copied2, args: { length: 512, offset: 1024, sum: 5 } }];
  const all = [...inWal, open('w'), openWal('w'), ...reads('p'), ...reads('q')].concat(
    commits('p', 0, 5),
    commits('q', 1, 5),
    copies as Acts,
    copies3 as Acts,
  );
  expect(told(all).slice(1)).toEqual([
    expect.stringContaining('p committed what it had written to x.db from step 14 on (page 2 of t)'),
    expect.stringMatching(/\(page 3\), .*: it cannot have taken in what p had changed\.$/),
  ]);
});
