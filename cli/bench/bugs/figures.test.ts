// The benchmark's figures on searches that nobody made.
import { describe, expect, test } from 'vitest';
import { changesSince } from './baseline.ts';
import { figuresOf, meanRatio } from './figures.ts';
import type { BugSearch } from './measure.ts';
import { plotOf } from './plot.ts';
import { quantileRanks } from './quantile-ranks.ts';

const runsMost = 100;

/** One search a seed; a miss is 0. */
function searches(bug: string, chooser: string, runs: readonly number[]): readonly BugSearch[] {
  return runs.map((one, i) => ({
    bug,
    chooser,
    seed: i + 1,
    hit: one > 0,
    runs: one || runsMost,
    seconds: one || runsMost,
  }));
}

const all = [
  ...searches('easy', 'fast', [1, 2, 3, 4, 5, 6]),
  ...searches('easy', 'slow', [2, 4, 6, 8, 10, 12]),
  ...searches('hard', 'fast', [10, 20, 30, 0, 0, 0]),
  ...searches('hard', 'slow', [0, 0, 0, 0, 0, 0]),
];

describe('figures', () => {
  const { bugs, choosers } = figuresOf(all, runsMost);
  const of = (bug: string, chooser: string) => bugs.find((one) => one.bug === bug && one.chooser === chooser);

  test('a median with the ranks that bound it; misses are none of the numbers, and counted', () => {
    expect(of('easy', 'fast')).toMatchObject({ hits: 6, misses: 0, medianRuns: 3.5, runsLow: 1, runsHigh: 6 });
    expect(of('hard', 'fast')).toMatchObject({ hits: 3, misses: 3, runsLow: 10, runsHigh: null });
    expect(of('hard', 'slow')).toMatchObject({ hits: 0, misses: 6, medianRuns: null, runsLow: null });
  });

  test('a miss counts as the cap in the mean, and so against others', () => {
    const mean = (10 * 20 * 30 * 100 ** 3) ** (1 / 6);
    expect(of('hard', 'fast')?.meanRuns).toBeCloseTo(mean, 9);
    const [fast, slow] = choosers;
    expect(fast?.against).toMatchObject([{ than: 'slow', value: expect.closeTo(Math.sqrt(2 * (100 / mean)), 9) }]);
    expect(slow?.against[0]?.value).toBeCloseTo(1 / (fast?.against[0]?.value ?? NaN), 9);
  });

  test('wins go to the lowest mean, where it hit at all; both where they are alike', () => {
    expect(choosers.map(({ chooser, wins, found, always }) => ({ chooser, wins, found, always }))).toEqual([
      { chooser: 'fast', wins: 2, found: 2, always: 1 },
      { chooser: 'slow', wins: 0, found: 1, always: 1 },
    ]);
    const alike = figuresOf(
      [...searches('a', 'x', [3]), ...searches('a', 'y', [3]), ...searches('b', 'x', [0])],
      runsMost,
    );
    expect(alike.choosers.map(({ wins }) => wins)).toEqual([1, 1]);
  });

  test('the curve says how many bugs a seed has found after so many schedules', () => {
    expect(choosers[0]?.curve.slice(0, 2)).toEqual([
      [1, 1 / 6],
      [2, 2 / 6],
    ]);
    expect(choosers[0]?.curve.at(-1)).toEqual([30, 9 / 6]);
  });

  test('the plot: more found is higher, and later is further right', () => {
    const lines = plotOf(choosers, 2, runsMost);
    const first = (mark: string) => lines.findIndex((line) => line.includes(mark));
    expect(first('a')).toBeLessThan(first('b'));
    expect(lines.join('\n')).toMatch(/^ {3}2\.0 \|/);
    expect(lines).toContainEqual(expect.stringMatching(/a fast$/));
  });
});

test('a bootstrap holds the mean, and is a point where all ratios are one', () => {
  const { value, low, high } = meanRatio([0.5, 1, 2, 4]);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  const point = meanRatio([2, 2, 2]);
  for (const bound of [point.value, point.low, point.high]) expect(bound).toBeCloseTo(2, 12);
});

test('ranks that bound a median with 95 %: the tables of order statistics', () => {
  expect([5, 6, 8, 9, 20].map((count) => quantileRanks(count))).toEqual([
    undefined,
    { low: 0, high: 5 },
    { low: 0, high: 7 },
    { low: 1, high: 7 },
    { low: 5, high: 14 },
  ]);
});

describe('against a baseline', () => {
  const twice = all.map((one) => ({ ...one, runs: one.hit ? 2 * one.runs : one.runs }));

  test('twice the schedules is slower, and the same is not', () => {
    const easy = ({ bug }: BugSearch) => bug === 'easy';
    const [slower] = changesSince({ runsMost, searches: all.filter(easy) }, twice.filter(easy), runsMost);
    expect(slower).toMatchObject({ chooser: 'fast', bugs: 1, ratio: expect.closeTo(2, 9), slower: true });
    expect(changesSince({ runsMost, searches: all }, all, runsMost).map(({ slower: is }) => is)).toEqual([
      false,
      false,
    ]);
  });

  test('only what both have counts, and a lower cap is the cap of both', () => {
    const [first] = all;
    if (first === undefined) throw new Error('none');
    const then = { runsMost, searches: [{ ...first, runs: 60 }] };
    expect(changesSince(then, [{ ...first, runs: 20 }], 30)).toMatchObject([
      { bugs: 1, ratio: expect.closeTo(20 / 30, 9) },
    ]);
    expect(changesSince(then, [{ ...first, seed: 99 }], 30)).toEqual([]);
  });
});
