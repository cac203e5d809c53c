// The rows of a diff: they lose no line, and pair as many as can be.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { diff } from './diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });

/** Length of the longest common subsequence, by its definition. */
function longest(left: readonly string[], right: readonly string[]): number {
  const [first, ...others] = left;
  if (first === undefined) return 0;
  const without = longest(others, right);
  const place = right.indexOf(first);
  return place < 0 ? without : Math.max(without, 1 + longest(others, right.slice(place + 1)));
}

property.prop([lines, lines])('both texts are there in order, and no more lines could be paired', (left, right) => {
  const rows = diff(left, right);
  expect(rows.flatMap((row) => row.left ?? [])).toEqual(left);
  expect(rows.flatMap((row) => row.right ?? [])).toEqual(right);
  const paired = rows.filter((row) => row.left !== null && row.right !== null);
  for (const row of paired) expect(row.left).toBe(row.right);
  expect(paired).toHaveLength(longest(left, right));
});

test('what was taken away stands before what came in its place', () => {
  expect(diff(['{', '"a": 1', '}'], ['{', '"a": 2', '}'])).toEqual([
    { left: '{', right: '{' },
    { left: '"a": 1', right: null },
    { left: null, right: '"a": 2' },
    { left: '}', right: '}' },
  ]);
});

test('plans of ten thousand lines are paired too', () => {
  const full = Array.from({ length: 10_000 }, (_, place) => `operation ${place}`);
  const minimal = full.filter((_, place) => place % 3 === 0);
  const rows = diff(full, minimal);
  expect(rows).toHaveLength(full.length);
  expect(rows.filter(({ right }) => right === null)).toHaveLength(full.length - minimal.length);
});
