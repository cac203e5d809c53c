// What a power loss may take away is nobody's failure, and nothing else is excused by it: neither what was lost before or after, nor what
// its promise forbids.
import { describe, expect, test } from 'vitest';
import type { Durability } from '../../model/file-systems.ts';
import type { Autopsy, History, Observation } from '../../model/history.ts';
import { historyOf, soundAutopsy } from '../../testing/history.test-support.ts';
import { acknowledgedCommits } from './acknowledged-commits.ts';
import { integrity } from './integrity.ts';
import { wholeTransactions } from './whole-transactions.ts';

const rows = (...keys: readonly number[]): Autopsy => ({
  ...soundAutopsy,
  tables: [],
  queries: { t: keys.map((key) => [key]) },
});

function transaction(step: number, keys: readonly number[], lane = 'p'): readonly Observation[] {
  const data = { table: 't', keys };
  return [
    { step, lane, nowMs: step, kind: 'committing', data },
    { step: step + 1, lane, nowMs: step, kind: 'committed', data },
  ];
}

const before = [...transaction(10, [1, 2]), ...transaction(20, [3, 4])];

/** The power goes at step 50. */
function history(promise: Durability, after: Autopsy, end: Autopsy, later: readonly Observation[] = []): History {
  return historyOf({
    observations: [...before, ...later],
    autopsy: end,
    strikes: [
      {
        fault: 0,
        kind: 'power-loss',
        step: 50,
        nowMs: 50,
        liftedMs: 60,
        powerLoss: { model: 'powersafe', promise, underWay: 4, lost: 2, after },
      },
    ],
  });
}

const said = (one: History) =>
  [integrity, wholeTransactions, acknowledgedCommits].flatMap((invariant) =>
    [...invariant.check(one)].map(({ message }) => message),
  );

describe('the last commits', () => {
  test('may be lost where that is promised no further, and are not asked for again', () => {
    expect(said(history('order', rows(1, 2), rows(1, 2)))).toEqual([]);
    expect(said(history('order', rows(), rows()))).toEqual([]);
    expect(said(history('nothing', rows(), rows()))).toEqual([]);
  });

  test('may not be lost where none may', () => {
    expect(said(history('acknowledged', rows(1, 2), rows(1, 2)))).toEqual([
      expect.stringMatching(
        /^after the power loss at step 50 \(powersafe\): 2 of 4 acknowledged rows are gone; the first is t 3/,
      ),
    ]);
  });

  test('may not be lost before one that is there, nor in part', () => {
    expect(said(history('order', rows(3, 4), rows(3, 4)))).toEqual([
      'after the power loss at step 50 (powersafe): t 1, acknowledged to p, is gone, while t 3 of p, committed after it, is there',
    ]);
    expect(said(history('order', rows(1, 2, 3), rows(1, 2, 3)))).toEqual([
      expect.stringMatching(/^after the power loss .* 1 of the 2 rows of a transaction of p are there/),
    ]);
    expect(said(history('nothing', rows(3), rows(3)))).toEqual([]);
  });
});

test('what was there after it must be there later, and what is committed later too', () => {
  expect(said(history('order', rows(1, 2), rows(), transaction(60, [7])))).toEqual([
    expect.stringMatching(/^3 of 3 acknowledged rows are gone; the first is t 1/),
  ]);
});

test('others may use the same keys later', () => {
  const later = transaction(60, [3], 'p.boot-2');
  for (const promise of ['order', 'nothing'] as const)
    expect(said(history(promise, rows(1, 2), rows(1, 2, 3), later))).toEqual([]);
});

test('an unsound database is one, unless nothing is promised: then nobody is asked for it any more', () => {
  const broken = { ...rows(1, 2), integrity: ['row 1 missing from index t_v'] };
  for (const promise of ['acknowledged', 'order'] as const)
    expect(said(history(promise, broken, broken))[0]).toContain('after the power loss at step 50');
  expect(said(history('nothing', broken, broken, transaction(60, [9])))).toEqual([]);
  expect(said(history('nothing', rows(1, 2), broken))).toEqual([expect.stringContaining('integrity_check says')]);
});
