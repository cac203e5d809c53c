// Two queries that must give the same.
import { expect, test } from 'vitest';
import type { Autopsy, History } from '../model/history.ts';
import { agree } from './agreement.ts';

const counted = agree('counted', 'the counter counts', 'n', 'rows');

function historyWith(queries: Autopsy['queries']): History {
  return { autopsy: { queries } } as History;
}

test('what differs is said with both sides', () => {
  expect(counted.check(historyWith({ n: [[19]], rows: [[20]] }))).toEqual([
    { invariant: 'counted', message: '`n` gives [[19]] at the end, and `rows` [[20]]', step: null },
  ]);
});

test.each([
  ['the same', { n: [[20]], rows: [[20]] }],
  ['a query that could not be asked', { n: { error: 'SQLITE_CORRUPT', rows: [] }, rows: [[20]] }],
])('nothing is said of %s', (_, queries) => {
  expect(counted.check(historyWith(queries))).toEqual([]);
});
