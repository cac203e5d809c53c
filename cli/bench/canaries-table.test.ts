// The table of the canaries: a search that found nothing is no find, and one that found something where nothing should be is told.
import { expect, test } from 'vitest';
import { type Canary, canariesTable } from './canaries-table.ts';

const search = (engine: string, seconds: number, runs: number, ...found: readonly string[]) => ({
  engine,
  seed: 1,
  seconds,
  runs,
  inWindow: 12,
  found,
});

const lineOf = (canary: Canary): string => canariesTable([canary], 'old', 'new').split('\n').at(-1) ?? '';

test('the middle and the most of those that found something', () => {
  const searches = [
    search('old', 2, 40, 'integrity'),
    search('old', 4, 100, 'integrity'),
    search('old', 3, 60, 'acknowledged-commits'),
    search('old', 6, 200),
    search('new', 5, 100),
  ];
  expect(lineOf({ name: 'c', searches })).toMatch(
    /^c +3 of 4 +3\.0 +4\.0 +60 +100 +25\.0 +nothing in 100 runs, 12 of them in the window$/,
  );
});

test('where nothing should be found, something was', () => {
  expect(lineOf({ name: 'c', searches: [search('new', 5, 100, 'integrity')] })).toMatch(
    /^c +0 of 0 +- +- +- +- +20\.0 +integrity in run 100$/,
  );
});
