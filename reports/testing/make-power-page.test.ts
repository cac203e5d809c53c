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

test('a table a scenario and one of all, with bounds; and which file systems fail a cell', () => {
  const powerLoss = [
    { ...figures, model: 'ordered' as const },
    { ...figures, model: 'lying-sync' as const, failing: 3 },
  ];
  const text = powerPage({ ...empty(), cells: [passing({ powerLoss }), passing({ scenario: 'other', powerLoss })] });
  expect(text).toContain('--power-loss ordered,lying-sync --power-runs 7');
  expect(text).toMatch(
    /^\| `wal` \| only the last lost \| 7 rows · 4\/14 ≤ \d+ % \| broken 6 · 7 rows · 4\/14 ≤ \d+ % \|$/m,
  );
  expect(text).toMatch(/^## other\n\n.*\n.*\n\| `wal` \| .* \| 7 rows · 2\/7 ≤ \d+ % \|/m);
  expect(text).toMatch(/\| `ordered` \|.*\| fails a cell \|/);
  expect(text).toMatch(/\| `lying-sync` \|.*\| is a figure \|/);
});

test('without figures there is no page', () => {
  expect(() => powerPage({ ...empty(), cells: [passing()] })).toThrow('--power-loss');
});
