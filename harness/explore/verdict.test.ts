// What a pass is worth.
import { expect, test } from 'vitest';
import { upperBound } from './verdict.ts';

test('without runs there is no bound', () => {
  expect(upperBound(0)).toBeNull();
});

test('the bound is exact: with that rate, 95 % of such searches would have failed', () => {
  for (const runs of [1, 10, 59, 1000]) {
    const rate = upperBound(runs) ?? 0;
    expect((1 - rate) ** runs).toBeCloseTo(0.05, 10);
  }
});

test('for many runs it is the rule of three', () => {
  expect((upperBound(3000) ?? 0) * 3000).toBeCloseTo(3, 1);
});
