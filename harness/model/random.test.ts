import { expect, test } from 'vitest';
import { between, stream } from './random.ts';

const draws = 20_000;

function sharesOf(least: number, most: number): ReadonlyMap<number, number> {
  const random = stream('workload', 11, 0);
  const shares = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    const value = between(random, least, most);
    shares.set(value, (shares.get(value) ?? 0) + 1 / draws);
  }
  return shares;
}

test.each([
  [0, 1],
  [1, 3],
  [-5, 4],
  [500, 599],
])('between %i and %i each value comes, and the ends an eighth of the time more often', (least, most) => {
  const shares = sharesOf(least, most);
  const values = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  expect([...shares.keys()].toSorted((a, b) => a - b)).toEqual(values);
  const rest = 0.75 / values.length;
  for (const value of values) {
    const expected = value === least || value === most ? rest + 1 / 8 : rest;
    expect(Math.abs((shares.get(value) ?? 0) - expected)).toBeLessThan(0.012);
  }
});

test('an interval of one value has that value; one that is empty, or not of integers, is an error', () => {
  expect([...sharesOf(7, 7).keys()]).toEqual([7]);
  for (const [least, most] of [
    [7, 5],
    [0.5, 3],
    [0, NaN],
  ] as const)
    expect(() => between(() => 0.5, least, most)).toThrow(`not ${least} and ${most}`);
});

test('takes one number of the stream, whatever comes', () => {
  const [drawn, plain] = [stream('workload', 2, 5), stream('workload', 2, 5)];
  for (let i = 0; i < 50; i++) {
    between(drawn, 3, 3 + (i % 5));
    plain();
  }
  expect(drawn()).toBe(plain());
});
