// What bench makes of its figures: the ratio to each stress stands in the place of that stress.
import { expect, test } from 'vitest';
import { walReset } from '../../scenarios/wal-reset.ts';
import { report } from './measure.ts';

const hit = { round: 1, seconds: 1, violations: [] };
const stress = (restMsMax: number, hits: number) => ({
  crews: 1,
  restMsMax,
  invariants: ['integrity'],
  rounds: 1000,
  seconds: 100,
  hits: Array.from({ length: hits }, () => hit),
});

test('ahead has a ratio for each stress, in their order', () => {
  const searches = [1, 2, 3, 4].map((seed) => ({
    seed,
    hit: true,
    seconds: 0.5,
    busySeconds: 0.5,
    runs: 9,
    steps: 900,
  }));
  const measured = {
    chooser: 'preemptions',
    engine: '3.51.2',
    depth: 'plain' as const,
    jobs: 1,
    hits: 4,
    censored: 0,
    medianSeconds: 0.5,
    medianAtLeast: null,
    meanSeconds: 0.5,
    meanRuns: 9,
    runsPerSecond: 18,
    stepsPerSecond: 1800,
    searches,
  };
  const options = {
    scenario: walReset,
    strategy: 'wal',
    engine: '3.51.2',
    invariants: ['integrity'],
    seeds: [1, 2, 3, 4],
    timeLimitMs: 30_000,
  };
  const told = report(options, [measured], [], [stress(0, 20), stress(10, 5)]);
  expect(told.stress.map(({ restMsMax, secondsPerHit }) => [restMsMax, secondsPerHit.value])).toEqual([
    [0, 5],
    [10, 20],
  ]);
  expect(told.configurations[0]?.ahead.map((ahead) => ahead?.value)).toEqual([10, 40]);
});
