// What a pass takes, and what it is worth.
import { expect, test } from 'vitest';
import { boundsOf, judgeRuns, missingRuns, runsNeeded, sumOfRuns, upperBound, verdictOf } from './verdict.ts';

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

test('as many runs are needed as it takes, and no more', () => {
  expect(runsNeeded(0.05)).toBe(59);
  for (const bound of [0.2, 0.1, 0.05, 0.01, 0.001]) {
    expect(upperBound(runsNeeded(bound))).toBeLessThanOrEqual(bound);
    expect(upperBound(runsNeeded(bound) - 1) ?? 1).toBeGreaterThan(bound);
  }
  expect([1, 0.95, 0, -1, NaN].map(runsNeeded)).toEqual([1, 1, Infinity, Infinity, Infinity]);
  expect(runsNeeded(1e-12) / 2_995_732_273_554).toBeCloseTo(1, 9);
});

test('a pass takes 59 runs in the window, or all schedules: one run in it, or any number beside it, is none', () => {
  const said = (drawnInWindow: number) => verdictOf({ failed: false, drawnInWindow });
  expect([0, 1, 58, 59].map(said)).toEqual(['inconclusive', 'inconclusive', 'inconclusive', 'pass']);
  expect(verdictOf({ failed: false, drawnInWindow: 29, bound: 0.1 })).toBe('pass');
  expect(verdictOf({ failed: false })).toBe('inconclusive');
  expect([0, 58, 59, 60].map((reached) => missingRuns(reached))).toEqual([59, 1, 0, 0]);
});

test('all there is to try is a pass only when it was tried, and some of it reached the window', () => {
  const said = (complete: boolean, inWindow: number) => verdictOf({ failed: false, exhausted: { complete, inWindow } });
  expect(said(true, 1)).toBe('pass');
  expect(said(true, 0)).toBe('inconclusive');
  expect(said(false, 5000)).toBe('inconclusive');
});

test('a failure is one whatever else there is, and where the harness failed nothing is known', () => {
  expect(verdictOf({ failed: true, drawnInWindow: 1000 })).toBe('fail');
  expect(verdictOf({ failed: false, broken: true, drawnInWindow: 1000 })).toBe('error');
});

test('the bound that decides is over runs in the window; beside it the one over all that count', () => {
  const counts = { runs: 210, repeats: 10, reached: 60 };
  expect(boundsOf('pass', counts)).toEqual({ upperBound: upperBound(60), upperBoundAllRuns: upperBound(200) });
  expect(boundsOf('inconclusive', counts)).toEqual({ upperBound: null, upperBoundAllRuns: null });
});

test('searches add up while none repeats itself: else one may have made the runs of the other', () => {
  const part = { runs: 40, repeats: 0, reached: 30 };
  const few = { runs: 40, repeats: 39, reached: 1 };
  expect(sumOfRuns([part, part])).toEqual({ runs: 80, repeats: 0, reached: 60 });
  expect(sumOfRuns([few, few])).toEqual({ runs: 80, repeats: 79, reached: 1 });
  expect(sumOfRuns([part, few])).toEqual({ runs: 80, repeats: 40, reached: 30 });
  expect(sumOfRuns([few, { runs: 0, repeats: 0, reached: 0 }])).toEqual(few);
});

test('what runs come to: verdict, bounds and what is missing, by the runs in the window alone', () => {
  const counts = { runs: 200, repeats: 20, reached: 59 };
  const none = { upperBound: null, upperBoundAllRuns: null };
  expect(judgeRuns(counts, { failed: false })).toEqual({
    verdict: 'pass',
    missing: 0,
    upperBound: upperBound(59),
    upperBoundAllRuns: upperBound(180),
  });
  expect(judgeRuns({ ...counts, reached: 58 }, { failed: false })).toEqual({
    verdict: 'inconclusive',
    missing: 1,
    ...none,
  });
  const tenth = (reached: number) => judgeRuns({ ...counts, reached }, { failed: false, bound: 0.1 });
  expect([tenth(28), tenth(29)]).toMatchObject([
    { verdict: 'inconclusive', missing: 1 },
    { verdict: 'pass', missing: 0 },
  ]);
  expect(judgeRuns(counts, { failed: true })).toEqual({ verdict: 'fail', missing: 0, ...none });
  expect(judgeRuns(counts, { failed: true, broken: true })).toEqual({ verdict: 'error', missing: 0, ...none });
});
