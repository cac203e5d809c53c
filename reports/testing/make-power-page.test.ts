// The page of power losses is what a result document says, and of one without figures there is none.
import { expect, test } from 'vitest';
import { passing } from './cells.test-support.ts';
import { empty } from './results.test-support.ts';
import { powerPage } from './make-power-page.ts';

const figures = {
  promise: 'order',
  runs: 7,
  losing: 2,
  states: 900,
  disks: 700,
  losingStates: 30,
  rowsMost: 7,
  failing: 0,
  recovered: 0,
} as const;

test('a row a cell, with bounds; and which file systems fail a cell', () => {
  const powerLoss = [
    { ...figures, model: 'ordered' as const },
    { ...figures, model: 'lying-sync' as const, failing: 3 },
  ];
  const text = powerPage({ ...empty(), cells: [passing({ powerLoss })] });
  expect(text).toContain('--power-loss ordered,lying-sync --power-runs 7');
  expect(text).toMatch(/at most 7 rows lost, in 2 of 7 runs \(≤ \d+ %\)/);
  expect(text).toMatch(/\| `ordered` \|.*\| fails a cell \|/);
  expect(text).toMatch(/\| `lying-sync` \|.*\| is a figure \|/);
});

test('without figures there is no page', () => {
  expect(() => powerPage({ ...empty(), cells: [passing()] })).toThrow('--power-loss');
});
