// Stalls on paper: which looks a run goes by, and what a stall is.
import { describe, expect, test } from 'vitest';
import type { Explored } from '../model/explored.ts';
import { baseChooserOf } from '../run/choosers/catalogue.ts';
import { firstAfterLook, hasStalled, lookBefore, looks, recipeAfter } from './stall.ts';

const portfolio = { chooser: 'portfolio' } as const;
const runs = Array.from({ length: 400 }, (_, i) => i);

/** Meetings after 32, 64, 128, … runs. */
function curveOf(...meetings: readonly number[]): Explored['curve'] {
  return meetings.map((known, i) => [32 * 2 ** i, known]);
}

describe('the look that a run goes by', () => {
  test('is a power of two that lies at most two thirds of the way to it, the latest of those', () => {
    for (const run of runs) {
      const look = lookBefore(run);
      if (look === 0) expect(run).toBeLessThan(firstAfterLook(looks.least));
      else {
        expect(Number.isInteger(Math.log2(look))).toBe(true);
        expect([1.5 * look <= run, 3 * look > run]).toEqual([true, true]);
      }
    }
  });

  test('changes with the first run that goes by it', () => {
    for (let look: number = looks.least; look <= looks.most; look *= 2) {
      expect(lookBefore(firstAfterLook(look))).toBe(look);
      expect(lookBefore(firstAfterLook(look) - 1)).toBeLessThan(look);
    }
    expect(lookBefore(100 * looks.most)).toBe(looks.most);
  });
});

describe('a stall', () => {
  test('is a doubling that adds less than a tenth, whatever comes after it', () => {
    expect(hasStalled(curveOf(100, 109), 64)).toBe(true);
    expect(hasStalled(curveOf(100, 110), 64)).toBe(false);
    expect(hasStalled(curveOf(100, 109, 500), 128)).toBe(true);
    expect(hasStalled(curveOf(100, 200, 205), 128)).toBe(true);
  });

  test('is not seen before the look that shows it, nor without the points of that', () => {
    const curve = curveOf(100, 200, 205);
    expect(hasStalled(curve, 64)).toBe(false);
    expect(hasStalled(curve, 0)).toBe(false);
    expect(hasStalled([[64, 7]], 64)).toBe(false);
    expect(runs.filter((run) => recipeAfter(curve, run).stalled)).toEqual(runs.slice(firstAfterLook(128)));
  });
});

test('before a stall most runs are one chooser’s, and after it all have as many', () => {
  const turnsOf = (stalled: boolean) => Object.groupBy(runs, (run) => baseChooserOf(portfolio, run, stalled));
  const [usual, even] = [turnsOf(false), turnsOf(true)];
  expect(usual.acts?.length).toBe((runs.length * 7) / 8);
  expect(new Set(Object.values(even).map((its) => its.length))).toEqual(new Set([runs.length / 5]));
});

test('other choosers know nothing of it', () => {
  for (const stalled of [false, true]) {
    expect(baseChooserOf({ chooser: 'pos' }, 3, stalled)).toBe('pos');
    expect(baseChooserOf({ chooser: 'feedback', over: 'acts' }, 3, stalled)).toBe('acts');
  }
});
