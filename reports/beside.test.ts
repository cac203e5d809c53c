// Designs side by side: only those that passed everywhere, the least certain cell counts, and it is ten lines at most.
import { expect, test } from 'vitest';
import { ablationOf } from './ablation.ts';
import { besideText, designsBeside } from './beside.ts';
import type { ResultCost, Results } from './results.ts';
import { documentOf, failing, passing, unsure } from './testing/cells.test-support.ts';
import { oneCell } from './testing/results.test-support.ts';

const changes = [{ axis: 'probe', from: 'every-connect', to: 'tracked', says: 'no raw read of an open database' }];
const [some] = oneCell().costs;
const cost = (strategy: string, given: Partial<ResultCost> = {}): ResultCost => ({
  ...some!,
  strategy,
  engine: '3.50.4',
  gateways: 4,
  samples: 100,
  commitsPerSecond: 800,
  commitsPerSecondInterval: { low: 790, high: 810 },
  p99Ms: 12,
  p99Interval: { low: 11, high: 13 },
  bytesPerCommit: 9000,
  diskBytesPerCommit: 500,
  ...given,
});

function document(names: readonly string[], costs: readonly ResultCost[] = []): Results {
  const strategies = names.map((name) => ({ name, says: '', changes: name === 'wal' ? [] : changes }));
  return documentOf(
    names.map((strategy) => (strategy === 'wal' ? failing({ strategy }) : passing({ strategy }))),
    { strategies },
    { costs: [...costs] },
  );
}

test('evidence, cost beside the system as reported, and what is to be changed', () => {
  const fast = {
    commitsPerSecond: 1600,
    commitsPerSecondInterval: { low: 1590, high: 1610 },
    diskBytesPerCommit: 1000,
  };
  const results = document(['wal', 'best', 'lean'], [cost('wal'), cost('best', fast), cost('lean')]);
  const designs = designsBeside(results);
  expect(designs?.designs.map(({ strategy }) => strategy)).toEqual(['best', 'lean']);
  expect(besideText(designs!, results).split('\n').slice(1, 4)).toEqual([
    '1. best: 1 cell passed, 80 or more random runs in the window of each, failure rate ≤ 3.7 % (95 %); no hazard met',
    '   cost: 1,600 commits/s, p99 12 ms, 9,000 bytes written a commit, 1,000 of disk (4 gateways, SQLite 3.50.4); beside wal: 1,600 commits/s (× 2.00), p99 alike, bytes written alike, 1,000 bytes of disk a commit (× 2.00) (4 gateways, SQLite 3.50.4)',
    '   change: probe=tracked (no raw read of an open database)',
  ]);
});

test('the least certain cell of a design says how sure it is', () => {
  const race = { scenario: 'checkpoint-race', reached: 60 };
  const cells = ['a', 'b'].flatMap((strategy) => [
    passing({ strategy, reached: 5000, runs: 5000 }),
    passing({ strategy, ...race }),
  ]);
  const [first] = designsBeside(documentOf(cells))?.designs ?? [];
  expect(first?.evidence).toContain('60 or more random runs in the window of each, failure rate ≤ 4.9 %');
  const [short] = designsBeside(documentOf(cells, { short: true }))?.designs ?? [];
  expect(short?.evidence).toContain('short random runs');
});

test('what failed, or may have, is no design to choose', () => {
  const cells = [passing({ strategy: 'a' }), unsure({ strategy: 'b' }), failing({ strategy: 'c' })];
  expect(designsBeside(documentOf(cells))).toBeUndefined();
  const missing = [
    passing({ strategy: 'a' }),
    passing({ strategy: 'a', engine: '3.54.1' }),
    passing({ strategy: 'b' }),
  ];
  expect(designsBeside(documentOf(missing))).toBeUndefined();
});

test('of many it is ten lines, those that met the fewest hazards first, and what was taken apart above all', () => {
  const names = ['best', ...Array.from({ length: 9 }, (_, i) => `best+lock=${i}`)];
  const cells = names.map((strategy) =>
    passing({ strategy, hazards: strategy === 'best+lock=7' ? [] : ['locks-held'] }),
  );
  const plain = documentOf(cells);
  const first = (results: Results) => designsBeside(results)?.designs.map(({ strategy }) => strategy);
  expect(first(plain)?.[0]).toBe('best+lock=7');
  const variants = names.slice(1).map((strategy) => ({ strategy, kind: 'addition' as const, part: strategy, changes }));
  const apart = { ...plain, ablation: ablationOf({ strategy: 'best', variants, skipped: [] }, plain) };
  expect(first(apart)?.slice(0, 2)).toEqual(['best', 'best+lock=7']);
  const text = besideText(designsBeside(apart)!, apart);
  expect(text).toContain('   change: as best, but probe=tracked (no raw read of an open database)');
  expect(text.split('\n')).toHaveLength(10);
  expect(text).toMatch(/^10 designs did not fail in 1 scenario on SQLite 3\.50\.4 .*; the first 3:/);
});
