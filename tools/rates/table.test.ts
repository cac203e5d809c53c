// Rates and ratios: of each round, here over there.
import { expect, test } from 'vitest';
import { tableOf } from './table.ts';

const of = (runs: number, steps: number) => ({ runs, steps, seconds: 10 });

test('the middle of the rounds, and from the lowest to the highest', () => {
  const here = [of(40, 4000), of(80, 4000), of(60, 4000)];
  const there = [of(10, 2000), of(10, 2000), of(10, 1000)];
  expect(
    tableOf(new Map([['a/b', { here, there }]]), 'abc')
      .split('\n')
      .at(-1),
  ).toBe('a/b   6 (4 to 8)   1           6 (4 to 8)  2 (2 to 4)');
});

test('a cell in which no run came to its end has no ratio', () => {
  expect(tableOf(new Map([['a/b', { here: [of(4, 1)], there: [of(0, 0)] }]]), 'abc')).toMatch(/0\.4 +0 +- +-$/);
});
