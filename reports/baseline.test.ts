// What changed since an earlier comparison.
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { answerOf } from './answer.ts';
import { compareWithBaseline } from './baseline.ts';
import { agreeingDocuments, documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';
import { keyOf } from './words.ts';

test('cells whose verdict changed, new ones, and ones that were not run; others are not listed', () => {
  const names = ['same', 'fixed', 'broken', 'gone', 'new'] as const;
  const [same, fixed, broken, gone, fresh] = names.map((strategy) => ({ strategy }));
  const before = documentOf([passing(same), failing(fixed), passing(broken), unsure(gone)], {
    at: '2026-01-02T00:00:00.000Z',
    commit: 'abc',
  });
  const after = documentOf([passing({ ...same, runs: 7 }), passing(fixed), failing(broken), passing(fresh)]);
  const { baseline } = compareWithBaseline(after, before);
  expect(baseline).toMatchObject({ at: '2026-01-02T00:00:00.000Z', commit: 'abc' });
  expect(baseline?.changes.map(({ strategy, before: was, after: is }) => [strategy, was, is])).toEqual([
    ['fixed', 'fail', 'pass'],
    ['broken', 'pass', 'fail'],
    ['new', null, 'pass'],
    ['gone', 'inconclusive', null],
  ]);
  const told = answerOf(compareWithBaseline(after, before)).sentences.filter(({ kind }) => kind === 'baseline');
  expect(told.map(({ text }) => text)).toEqual([
    'Since 2026-01-02 (commit abc): ' +
      '1 newly failing: wal-unlink-wedge under broken on SQLite 3.50.4; ' +
      '1 no longer failing: wal-unlink-wedge under fixed on SQLite 3.50.4; ' +
      '1 new: wal-unlink-wedge under new on SQLite 3.50.4; ' +
      '1 not run this time: wal-unlink-wedge under gone on SQLite 3.50.4.',
  ]);
});

property.prop([agreeingDocuments])(
  'nothing changed since itself; and the changes lead from one to the other',
  (documents) => {
    const [first, second = first] = documents.map(({ results }) => results);
    if (first === undefined || second === undefined) throw new Error('there is at least one');
    expect(compareWithBaseline(first, first).baseline?.changes).toEqual([]);
    const verdicts = new Map(first.cells.map((cell) => [keyOf(cell), cell.verdict]));
    for (const change of compareWithBaseline(second, first).baseline?.changes ?? []) {
      expect(change.before).toBe(verdicts.get(keyOf(change)) ?? null);
      if (change.after === null) verdicts.delete(keyOf(change));
      else verdicts.set(keyOf(change), change.after);
    }
    expect(verdicts).toEqual(new Map(second.cells.map((cell) => [keyOf(cell), cell.verdict])));
  },
);
