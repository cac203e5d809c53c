// The table of docs/postgres.md is what a result document says of each cell, in the place that the page has for it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { upperBound } from '../../harness/model/verdict.ts';
import { broken, failing, passing, unsure } from './cells.test-support.ts';
import { serverTable, withServerTable } from './make-server-table.ts';
import { empty } from './results.test-support.ts';

const judged = { run: null, shipped: null, runs: 80, reached: 70, upperBound: null, plan: null } as const;

const results = {
  ...empty(),
  cells: [
    passing({ strategy: 'wal', reached: 80 }),
    failing({
      strategy: 'postgres',
      runs: 80,
      how: 'shipped',
      shipped: 'init-inode-swap.json',
      violations: [{ invariant: 'no-wedge', message: 'every tick fails', step: null }],
      invariants: [
        { ...judged, name: 'no-wedge', verdict: 'fail', shipped: 'init-inode-swap.json' },
        { ...judged, name: 'integrity', verdict: 'pass', upperBound: upperBound(70) },
        { ...judged, name: 'one-claim', verdict: 'pass', reached: 68, upperBound: upperBound(68) },
      ],
    }),
    unsure({ scenario: 'checkpoint-race', strategy: 'postgres', runs: 59, reached: 5 }),
    broken({ scenario: 'checkpoint-race', strategy: 'wal' }),
  ],
};

test('a row an incident, a column a strategy: verdict, runs in the window, bound, and who found a failure', () => {
  const [head, , wedge, race] = serverTable(results).split('\n');
  expect(head).toBe('| incident | `wal` | `postgres` |');
  expect(wedge).toBe(
    '| `wal-unlink-wedge` | **passes**: 80 in the window, ≤ 3.7 % | **fails**: `no-wedge` (by a shipped plan, by none of 80 random runs); nothing else in 68 in the window, ≤ 4.4 % |',
  );
  expect(race).toBe('| `checkpoint-race` | error `LANE_SILENT` | 5 of 59 runs in the window, none failed |');
});

test('docs/postgres.md has a place for it, and nothing else of the page changes', () => {
  const page = readFileSync(new URL('../../docs/postgres.md', import.meta.url), 'utf8');
  const written = withServerTable(page, results);
  expect(written).toContain(serverTable(results));
  expect(withServerTable(written, results)).toBe(written);
  const [before, after] = [page.split('<!-- comparison')[0], page.split('<!-- end of comparison -->')[1]];
  expect(written.startsWith(before ?? '')).toBe(true);
  expect(written.endsWith(after ?? '')).toBe(true);
});

test('several engines are no table', () => {
  const cells = ['3.50.4', '3.54.1'].map((engine) => passing({ engine }));
  expect(() => serverTable({ ...empty(), cells })).toThrow('one engine');
});
