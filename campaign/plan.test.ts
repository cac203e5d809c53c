// Which ranges come next, on paper.
import { expect, test } from 'vitest';
import { type CellPlan, nextRanges } from './plan.ts';
import { specOf } from './testing/campaign-lab.test-support.ts';

const cellPlan = (more: Partial<CellPlan> = {}): CellPlan => {
  return { cell: 'a', next: 0, size: 10, weight: 0, generation: 0, ...more };
};

test('the cell with the least weight has the next range, and none goes beyond the runs that were asked for', () => {
  const cells = [cellPlan({ weight: 1.5 }), cellPlan({ cell: 'b', next: 95 })];
  const { jobs, changed } = nextRanges(cells, specOf({ runs: 100 }), 4);
  expect(jobs).toEqual([
    { cell: 'b', first: 95, count: 5 },
    { cell: 'a', first: 0, count: 10 },
    { cell: 'a', first: 10, count: 10 },
    { cell: 'a', first: 20, count: 10 },
  ]);
  expect(changed).toEqual([
    { cell: 'b', next: 100, ranges: 1 },
    { cell: 'a', next: 30, ranges: 3 },
  ]);
});

test('of a generation no more is planned than it has, until the one before is whole', () => {
  const spec = specOf({ chooser: 'feedback', generation: 16, runs: null, until: '2099-01-01T00:00:00Z' });
  const { jobs } = nextRanges([cellPlan({ next: 10 })], spec, 100);
  expect(jobs.at(-1)).toEqual({ cell: 'a', first: 14, count: 2 });
  expect(nextRanges([cellPlan({ next: 16 })], spec, 100).jobs).toEqual([]);
  expect(nextRanges([cellPlan({ next: 16, generation: 1 })], spec, 1).jobs).toEqual([
    { cell: 'a', first: 16, count: 2 },
  ]);
});
