// Power losses in words: a row a cell, and how sure its figures are.
import { expect, test } from 'vitest';
import { moreOfFigures, type PowerFigures, sumOfFigures, togetherByModel } from '../harness/model/power-figures.ts';
import { upperBound, upperBoundOf } from '../harness/model/verdict.ts';
import { powerTable, powerText } from './power-words.ts';
import { passing } from './testing/cells.test-support.ts';

const clean: PowerFigures = {
  model: 'powersafe',
  promise: 'order',
  runs: 5,
  losing: 0,
  states: 900,
  disks: 700,
  losingStates: 0,
  rowsMost: 0,
  failing: 0,
  recovered: 0,
};
const losing: PowerFigures = { ...clean, model: 'ordered', losing: 2, losingStates: 30, rowsMost: 7 };

test('the bound is that of Clopper and Pearson', () => {
  expect(upperBoundOf(0, 5)).toBe(upperBound(5));
  expect(upperBoundOf(0, 0)).toBeNull();
  expect(upperBoundOf(5, 5)).toBe(1);
  expect(upperBoundOf(1, 10)).toBeCloseTo(0.3942, 4);
  expect(upperBoundOf(2, 5)).toBeCloseTo(0.8107, 3);
  expect(upperBoundOf(50, 1000)).toBeCloseTo(0.063, 3);
});

test('what is lost, in how many runs, and how sure that is', () => {
  expect(powerText(clean)).toBe('no row lost, 0 of 5 runs (≤ 46 %), 700 disks');
  expect(powerText(losing)).toBe('at most 7 rows lost, in 2 of 5 runs (≤ 82 %), 30 of 900 states, 700 disks');
  expect(powerText({ ...losing, failing: 3 })).toMatch(/^FAIL in 3 states; at most 7 rows lost/);
});

test('where nobody promises anything, nothing fails; what a recovery brings back is told', () => {
  const lying = powerText({ ...losing, model: 'lying-sync', failing: 3 });
  expect(lying).toMatch(/^promised by nobody there, and broken in 3 states; at most 7 rows lost/);
  expect(powerText({ ...losing, failing: 3, recovered: 2 })).toContain(
    ', brought back by its own recovery in 2 states,',
  );
  expect(powerText({ ...clean, recovered: 4 })).toBe(
    'no row lost, 0 of 5 runs (≤ 46 %), brought back by its own recovery in 4 states, 700 disks',
  );
});

test('a row a cell, a column a file system; none where nobody asked', () => {
  const one = { ...passing(), powerLoss: [clean] };
  const other = { ...passing(), strategy: 'other', powerLoss: [losing] };
  const table = powerTable({ cells: [one, other, passing()] });
  expect(table?.head.slice(4)).toEqual(['powersafe', 'ordered']);
  expect(table?.rows.map((row) => row.slice(4))).toEqual([
    [powerText(clean), '–'],
    ['–', powerText(losing)],
  ]);
  expect(powerTable({ cells: [passing()] })).toBeUndefined();
});

test('figures of other runs add up, those of the same do not', () => {
  const sum = togetherByModel([[losing], [{ ...losing, rowsMost: 9 }, clean]], sumOfFigures);
  expect(sum).toEqual([
    { ...losing, runs: 10, losing: 4, states: 1800, disks: 1400, losingStates: 60, rowsMost: 9 },
    clean,
  ]);
  expect(togetherByModel([[losing], [{ ...losing, states: 10, runs: 1 }]], moreOfFigures)).toEqual([losing]);
});
