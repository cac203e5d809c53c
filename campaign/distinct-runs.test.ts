import { expect, test } from 'vitest';
import { stream } from '../harness/model/random.ts';
import { DistinctRuns } from './distinct-runs.ts';

test('counts what a Set counts, however often and wherever in its table something comes', () => {
  const random = stream('workload', 1, 0);
  const word = (): number => Math.floor(random() * 2 ** 32);
  const [runs, set] = [new DistinctRuns(), new Set<bigint>()];
  // High words of few values: they meet in the table.
  let otherwise = 0;
  for (let i = 0; i < 20_000; i++) {
    const [high, low] = [word() % 500, i % 3 === 0 ? word() : word() % 50];
    if (high === 0 && low === 0) continue;
    const key = (BigInt(high) << 32n) | BigInt(low);
    if (runs.add(high, low) === set.has(key)) otherwise++;
    set.add(key);
  }
  expect([otherwise, runs.size]).toEqual([0, set.size]);
});

test('one that is 0 throughout is one too', () => {
  const runs = new DistinctRuns();
  expect([runs.add(0, 0), runs.add(0, 0), runs.size]).toEqual([true, false, 1]);
});
